import type { Run } from '../sync/model.ts';
import { isPlainInstant } from './parse-instant.ts';
import { isStorableText } from './storable-json.ts';

/** The documented fields of a run, `object` among them. */
const fieldsOfRun = 11;
/** However many bytes its characters take, such an id is not too long. */
const surelyShortId = 125;
const longestWord = 100;

type Fields = { readonly [Name in keyof Run | 'object']?: unknown };

/**
 * Reads a run that is as nearly all are: the documented fields, no other, and nothing about them to be mended. Null for
 * everything else, which the schema judges. What is read here the schema reads in the same way, in several times the
 * time and the memory, and a first sync reads hundreds of thousands.
 */
export function readPlainRun(payload: unknown, monitorId: string): Run | null {
  if (typeof payload !== 'object' || payload === null) return null;
  const fields: Fields = payload;
  const { id, status, type, createdAt, updatedAt, completedAt, failedAt, failedReason, canceledAt } = fields;
  if (fields.monitorId !== monitorId || fields.object === undefined) return null;
  if (!isText(id, surelyShortId) || id === '' || !isText(status, longestWord) || !isText(type, longestWord)) {
    return null;
  }
  if (!isPlain(createdAt) || !isPlain(updatedAt)) return null;
  if (!isPlainOrNull(completedAt) || !isPlainOrNull(failedAt) || !isPlainOrNull(canceledAt)) return null;
  if (failedReason !== null && !isText(failedReason, Number.POSITIVE_INFINITY)) return null;
  if (Object.keys(payload).length !== fieldsOfRun) return null;
  return {
    id,
    monitorId,
    status,
    type,
    createdAt,
    updatedAt,
    completedAt,
    failedAt,
    failedReason,
    canceledAt,
    extra: null,
  };
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value.length <= longest && isStorableText(value);
}

function isPlain(value: unknown): value is string {
  return typeof value === 'string' && isPlainInstant(value);
}

function isPlainOrNull(value: unknown): value is string | null {
  return value === null || isPlain(value);
}

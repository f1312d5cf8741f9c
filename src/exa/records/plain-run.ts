import type { Run } from '../../sync/model.ts';
import { isPlainId, isPlainText, isPlainTime, isPlainTimeOrNull, isPlainWord } from './plain-values.ts';

/** The documented fields of a run, `object` among them. */
const fieldsOfRun = 11;

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
  if (fields.monitorId !== monitorId || typeof fields.object !== 'string') return null;
  if (!isPlainId(id) || !isPlainWord(status) || !isPlainWord(type)) return null;
  if (!isPlainTime(createdAt) || !isPlainTime(updatedAt)) return null;
  if (!isPlainTimeOrNull(completedAt) || !isPlainTimeOrNull(failedAt) || !isPlainTimeOrNull(canceledAt)) {
    return null;
  }
  if (failedReason !== null && !isPlainText(failedReason)) return null;
  if (Object.keys(payload).length !== fieldsOfRun) return null;
  return {
    id,
    monitorId,
    status,
    type,
    createdAt,
    updatedAt,
    startedAt: null,
    output: null,
    completedAt,
    failedAt,
    failedReason,
    canceledAt,
    extra: null,
  };
}

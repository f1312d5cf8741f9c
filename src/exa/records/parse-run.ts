import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { JsonValue, RejectedRun, Run } from '../../sync/model.ts';
import { readPlainRun } from './plain-run.ts';
import {
  idSchema,
  instantSchema,
  nullableInstantSchema,
  oneLine,
  problemsOf,
  wordSchema,
} from './record-schema.ts';
import {
  isJsonObject,
  isStorable,
  isStorableText,
  isTooDeep,
  otherFields,
  toStorable,
} from './storable-json.ts';

const runSchema = z.object({
  id: idSchema,
  monitorId: idSchema,
  status: wordSchema,
  type: wordSchema,
  createdAt: instantSchema,
  updatedAt: instantSchema,
  completedAt: nullableInstantSchema,
  failedAt: nullableInstantSchema,
  failedReason: z.string().nullable().default(null),
  canceledAt: nullableInstantSchema,
});

/** `object` says that it is a run, which the table says already. */
const knownFields: ReadonlySet<string> = new Set([...Object.keys(runSchema.shape), 'object']);

export type ParsedRun =
  | { readonly run: Run; readonly rejected: null }
  | { readonly run: null; readonly rejected: RejectedRun };

/** A run as the API sent it, or why it cannot become a row. One bad run never costs another one: nothing is thrown. */
export function parseRun(payload: unknown, monitorId: string): ParsedRun {
  const plain = readPlainRun(payload, monitorId);
  return plain === null ? parseAnyRun(payload, monitorId) : { run: plain, rejected: null };
}

/** The judgement of the schema. */
export function parseAnyRun(payload: unknown, monitorId: string): ParsedRun {
  const record = isStorable(payload) ? payload : toStorable(payload);
  const reject = (reason: string): ParsedRun => {
    return { run: null, rejected: { key: keyOf(payload, record), monitorId, payload: record, reason } };
  };
  if (!isJsonObject(record)) return reject('is not an object');
  if (record !== payload) {
    if (isTooDeep(payload)) return reject('is nested too deep');
    const changed = changedId(payload);
    if (changed !== null) return reject(`${changed}: holds characters that Postgres refuses`);
  }
  const parsed = runSchema.safeParse(record);
  if (!parsed.success) return reject(problemsOf(parsed.error));
  if (parsed.data.monitorId !== monitorId)
    return reject(`monitorId: belongs to monitor ${oneLine(parsed.data.monitorId)}`);
  return {
    run: { ...parsed.data, startedAt: null, output: null, extra: otherFields(record, knownFields) },
    rejected: null,
  };
}

/** An id with replaced characters would name another object: asked for by it, the API would answer 404. */
function changedId(payload: unknown): string | null {
  const { id, monitorId }: { id?: unknown; monitorId?: unknown } = Object(payload);
  if (typeof id === 'string' && !isStorableText(id)) return 'id';
  return typeof monitorId === 'string' && !isStorableText(monitorId) ? 'monitorId' : null;
}

/** The run's own id, so that a later version of it that is accepted finds the rejected one; else a digest. */
function keyOf(payload: unknown, record: JsonValue): string {
  const { id }: { id?: unknown } = Object(payload);
  const usable = typeof id === 'string' && isStorableText(id) && idSchema.safeParse(id).success;
  return usable ? id : `sha256:${createHash('sha256').update(JSON.stringify(record)).digest('hex')}`;
}

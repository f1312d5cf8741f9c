import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { toJsonText } from '../../sync/exact-number.ts';
import type { JsonObject, JsonValue, RejectedRun, Run } from '../../sync/model.ts';
import { idSchema, oneLine, problemsOf } from './record-schema.ts';
import { isJsonObject, isStorable, isStorableText, isTooDeep, toStorable } from './storable-json.ts';

type ParsedRun =
  | { readonly run: Run; readonly rejected: null }
  | { readonly run: null; readonly rejected: RejectedRun };

/** Reads a run as one API sends it, or says why it cannot become a row. Nothing is thrown: one bad run never costs another. */
export type ParseRun = (payload: unknown, monitorId: string) => ParsedRun;

/** What the runs of all APIs have. */
interface RunFields {
  readonly monitorId: string;
}

/** A reader of runs from the schema of an API's run, and from how its fields become ours. */
export function createRunParser<Fields extends RunFields>(
  schema: z.ZodType<Fields>,
  toRun: (fields: Fields, record: JsonObject) => Run,
): ParseRun {
  return (payload, monitorId) => {
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
    const parsed = schema.safeParse(record);
    if (!parsed.success) return reject(problemsOf(parsed.error));
    const { data } = parsed;
    if (data.monitorId !== monitorId)
      return reject(`monitorId: belongs to monitor ${oneLine(data.monitorId)}`);
    return { run: toRun(data, record), rejected: null };
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
  return usable ? id : `sha256:${createHash('sha256').update(toJsonText(record)).digest('hex')}`;
}

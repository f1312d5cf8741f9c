import { z } from 'zod';
import type { JsonObject, JsonValue, Monitor, RunState } from '../../sync/model.ts';
import { readPlainMonitor } from './plain-monitor.ts';
import { idSchema, instantSchema, nullableInstantSchema, problemsOf, wordSchema } from './record-schema.ts';
import { isJsonObject, isStorable, isStorableText, isTooDeep, toStorable } from './storable-json.ts';

/** What a monitor cannot do without. Everything else has a harmless default: its runs matter more than its metadata. */
const coreSchema = z.object({ id: idSchema, createdAt: instantSchema });

const runStateSchema = z.object({
  id: idSchema,
  status: wordSchema,
  createdAt: instantSchema,
  updatedAt: instantSchema,
});

const textSchema = z.string();
const objectSchema = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

export type ParsedMonitor =
  | { readonly monitor: Monitor; readonly unreadable: null }
  | { readonly monitor: null; readonly unreadable: { readonly id: string | null; readonly reason: string } };

/** A monitor as the API sent it, or why it cannot be used. What a default stands in for is kept in `extra`. */
export function parseMonitor(payload: unknown): ParsedMonitor {
  const plain = readPlainMonitor(payload);
  return plain === null ? parseAnyMonitor(payload) : { monitor: plain, unreadable: null };
}

/** The judgement of the schemas. */
export function parseAnyMonitor(payload: unknown): ParsedMonitor {
  const record = isStorable(payload) ? payload : toStorable(payload);
  if (!isJsonObject(record)) return unreadable(payload, 'is not an object');
  if (record !== payload && isTooDeep(payload)) return unreadable(payload, 'is nested too deep');
  if (record !== payload && !hasStorableId(payload)) {
    return unreadable(payload, 'id: holds characters that Postgres refuses');
  }
  const core = coreSchema.safeParse(record);
  if (!core.success) return unreadable(payload, problemsOf(core.error));
  const { id, createdAt } = core.data;
  const fields = new Fields(record);
  const cadence = new Fields(fields.take('cadence', objectSchema, {}));
  const monitor = {
    id,
    websetId: fields.take('websetId', idSchema, ''),
    status: fields.take('status', wordSchema, 'unknown'),
    cadenceCron: cadence.take('cron', textSchema, ''),
    cadenceTimezone: cadence.take('timezone', textSchema, 'Etc/UTC'),
    behavior: fields.take('behavior', objectSchema, {}),
    metadata: fields.take('metadata', objectSchema, {}),
    name: null,
    trigger: null,
    outputSchema: null,
    lastRun: readLastRun(record['lastRun']),
    nextRunAt: fields.take('nextRunAt', nullableInstantSchema, null),
    createdAt,
    updatedAt: fields.take('updatedAt', instantSchema, createdAt),
  };
  const extra = { ...fields.rest(['id', 'createdAt', 'lastRun', 'object']), ...cadence.restAs('cadence') };
  return { monitor: { ...monitor, extra: Object.keys(extra).length === 0 ? null : extra }, unreadable: null };
}

/** The fields of a record, of which those that were read as what they should be are taken away. */
class Fields {
  readonly #record: JsonObject;
  readonly #taken = new Set<string>();

  constructor(record: JsonObject) {
    this.#record = record;
  }

  take<T>(field: string, schema: z.ZodType<T>, fallback: T): T {
    const value = this.#record[field];
    const parsed = schema.safeParse(value);
    if (parsed.success) this.#taken.add(field);
    return parsed.success ? parsed.data : fallback;
  }

  rest(without: readonly string[]): JsonObject {
    const isLeft = ([field]: [string, JsonValue]) => !this.#taken.has(field) && !without.includes(field);
    return Object.fromEntries(Object.entries(this.#record).filter(isLeft));
  }

  restAs(field: string): JsonObject {
    const rest = this.rest([]);
    return Object.keys(rest).length === 0 ? {} : { [field]: rest };
  }
}

/** Evidence, never data: what cannot be read is no evidence, and the monitor is walked. */
function readLastRun(value: JsonValue | undefined): RunState | null {
  const parsed = runStateSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

function hasStorableId(payload: unknown): boolean {
  const { id }: { id?: unknown } = Object(payload);
  return typeof id !== 'string' || isStorableText(id);
}

function unreadable(payload: unknown, reason: string): ParsedMonitor {
  const { id }: { id?: unknown } = Object(payload);
  const usable = typeof id === 'string' && isStorableText(id) && idSchema.safeParse(id).success;
  return { monitor: null, unreadable: { id: usable ? id : null, reason } };
}

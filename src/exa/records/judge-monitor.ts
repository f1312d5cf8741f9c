import { z } from 'zod';
import type { JsonObject, JsonValue, Monitor } from '../../sync/model.ts';
import { idSchema, instantSchema, problemsOf } from './record-schema.ts';
import { isJsonObject, isStorable, isStorableText, isTooDeep, toStorable } from './storable-json.ts';

/** What a monitor cannot do without. Everything else has a harmless default: its runs matter more than its metadata. */
const coreSchema = z.object({ id: idSchema, createdAt: instantSchema });

type MonitorCore = z.output<typeof coreSchema>;

type ParsedMonitor =
  | { readonly monitor: Monitor; readonly unreadable: null }
  | { readonly monitor: null; readonly unreadable: { readonly id: string | null; readonly reason: string } };

/** Reads a monitor as one API sends it, or says why it cannot be used. */
export type ParseMonitor = (payload: unknown) => ParsedMonitor;

/** A reader of monitors from how an API's fields become ours. */
export function createMonitorParser(
  toMonitor: (core: MonitorCore, fields: MonitorFields, record: JsonObject) => Monitor,
): ParseMonitor {
  return (payload) => {
    const record = isStorable(payload) ? payload : toStorable(payload);
    if (!isJsonObject(record)) return unreadable(payload, 'is not an object');
    if (record !== payload && isTooDeep(payload)) return unreadable(payload, 'is nested too deep');
    if (record !== payload && !hasStorableId(payload)) {
      return unreadable(payload, 'id: holds characters that Postgres refuses');
    }
    const core = coreSchema.safeParse(record);
    if (!core.success) return unreadable(payload, problemsOf(core.error));
    return { monitor: toMonitor(core.data, new MonitorFields(record), record), unreadable: null };
  };
}

/** The fields of a record, of which those that were read as what they should be are taken away. */
export class MonitorFields {
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

  /** What is left, for `extra`: new fields, and those that were not what they should be. */
  rest(without: readonly string[]): JsonObject {
    const isLeft = ([field]: [string, JsonValue]) => !this.#taken.has(field) && !without.includes(field);
    return Object.fromEntries(Object.entries(this.#record).filter(isLeft));
  }
}

/** Null for an object without fields. */
export function orNull(fields: JsonObject): JsonObject | null {
  return Object.keys(fields).length === 0 ? null : fields;
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

import type { JsonObject, Monitor, RunState } from '../../sync/model.ts';
import { isPlainId, isPlainText, isPlainTime, isPlainTimeOrNull, isPlainWord } from './plain-values.ts';
import { isJsonObject, isStorable } from './storable-json.ts';

/** The documented fields of a monitor, `object` among them. */
const fieldsOfMonitor = 11;
const fieldsOfCadence = 2;

type Fields = { readonly [Name in keyof Monitor | 'object' | 'cadence']?: unknown };

/**
 * Reads a monitor that is as nearly all are: the documented fields, no other, and nothing about them to be mended. Null
 * for everything else, which the schemas judge. What is read here they read in the same way, in several times the time,
 * and every cycle reads all monitors.
 */
export function readPlainMonitor(payload: unknown): Monitor | null {
  if (typeof payload !== 'object' || payload === null) return null;
  const fields: Fields = payload;
  const { id, websetId, status, behavior, metadata, nextRunAt, createdAt, updatedAt } = fields;
  if (typeof fields.object !== 'string' || Object.keys(payload).length !== fieldsOfMonitor) return null;
  if (!isPlainId(id) || !isPlainId(websetId) || !isPlainWord(status)) return null;
  if (!isPlainTime(createdAt) || !isPlainTime(updatedAt) || !isPlainTimeOrNull(nextRunAt)) return null;
  if (!isPlainObject(behavior) || !isPlainObject(metadata)) return null;
  const cadence = readCadence(fields.cadence);
  const lastRun = fields.lastRun === null ? null : readLastRun(fields.lastRun);
  if (cadence === null || lastRun === undefined) return null;
  return {
    id,
    websetId,
    status,
    cadenceCron: cadence.cron,
    cadenceTimezone: cadence.timezone,
    behavior,
    metadata,
    name: null,
    trigger: null,
    outputSchema: null,
    lastRun,
    nextRunAt,
    createdAt,
    updatedAt,
    extra: null,
  };
}

/** Of a field of the record, which is nested one level deep. */
function isPlainObject(value: unknown): value is JsonObject {
  return isStorable(value, 1) && isJsonObject(value);
}

function readCadence(value: unknown): { readonly cron: string; readonly timezone: string } | null {
  if (typeof value !== 'object' || value === null) return null;
  const { cron, timezone }: { cron?: unknown; timezone?: unknown } = value;
  if (!isPlainText(cron) || !isPlainText(timezone)) return null;
  return Object.keys(value).length === fieldsOfCadence ? { cron, timezone } : null;
}

/** Undefined: the schema has to look at it. */
function readLastRun(value: unknown): RunState | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields: { readonly [Name in keyof RunState]?: unknown } = value;
  const { id, status, createdAt, updatedAt } = fields;
  if (!isPlainId(id) || !isPlainWord(status) || !isPlainTime(createdAt) || !isPlainTime(updatedAt)) {
    return undefined;
  }
  // The rest of it is not read, but nesting without end makes the whole record unreadable.
  const isFlat = Object.values(value).every((field) => typeof field !== 'object' || field === null);
  return isFlat ? { id, status, createdAt, updatedAt } : undefined;
}

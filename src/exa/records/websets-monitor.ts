import { z } from 'zod';
import type { JsonValue, RunState } from '../../sync/model.ts';
import { createMonitorParser, MonitorFields, orNull } from './judge-monitor.ts';
import {
  idSchema,
  instantSchema,
  nullableInstantSchema,
  objectSchema,
  textSchema,
  wordSchema,
} from './record-schema.ts';

const runStateSchema = z.object({
  id: idSchema,
  status: wordSchema,
  createdAt: instantSchema,
  updatedAt: instantSchema,
});

/** A monitor of a webset. What a default stands in for is kept in `extra`. */
export const parseWebsetsMonitor = createMonitorParser(({ id, createdAt }, fields, record) => {
  const cadence = new MonitorFields(fields.take('cadence', objectSchema, {}));
  return {
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
    extra: orNull({
      ...fields.rest(['id', 'createdAt', 'lastRun', 'object']),
      ...asField('cadence', orNull(cadence.rest([]))),
    }),
  };
});

function asField(name: string, value: JsonValue): { readonly [name: string]: JsonValue } {
  return value === null ? {} : { [name]: value };
}

/** Evidence, never data: what cannot be read is no evidence, and the monitor is walked. */
function readLastRun(value: JsonValue | undefined): RunState | null {
  const parsed = runStateSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

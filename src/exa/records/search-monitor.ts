import { createMonitorParser, orNull } from './judge-monitor.ts';
import {
  instantSchema,
  nullableInstantSchema,
  nullableObjectSchema,
  nullableTextSchema,
  objectSchema,
  wordSchema,
} from './record-schema.ts';

/** Where deliveries go. The address may hold a secret, so it is never kept. */
const neverKept = ['webhook', 'webhookSecret'];

/** A Search Monitor. What a default stands in for is kept in `extra`. */
export const parseSearchMonitor = createMonitorParser(({ id, createdAt }, fields) => ({
  id,
  websetId: null,
  status: fields.take('status', wordSchema, 'unknown'),
  cadenceCron: null,
  cadenceTimezone: null,
  behavior: fields.take('search', objectSchema, {}),
  metadata: fields.take('metadata', nullableObjectSchema, null) ?? {},
  name: fields.take('name', nullableTextSchema, null),
  trigger: fields.take('trigger', nullableObjectSchema, null),
  outputSchema: fields.take('outputSchema', nullableObjectSchema, null),
  lastRun: null,
  nextRunAt: fields.take('nextRunAt', nullableInstantSchema, null),
  createdAt,
  updatedAt: fields.take('updatedAt', instantSchema, createdAt),
  extra: orNull(fields.rest(['id', 'createdAt', 'object', ...neverKept])),
}));

import { z } from 'zod';
import { createRunParser } from './judge-run.ts';
import {
  idSchema,
  instantSchema,
  nullableInstantSchema,
  nullableTextSchema,
  wordSchema,
} from './record-schema.ts';
import { otherFields } from './storable-json.ts';

const schema = z.object({
  id: idSchema,
  monitorId: idSchema,
  status: wordSchema,
  type: wordSchema,
  createdAt: instantSchema,
  updatedAt: instantSchema,
  completedAt: nullableInstantSchema,
  failedAt: nullableInstantSchema,
  failedReason: nullableTextSchema,
  canceledAt: nullableInstantSchema,
});

/** `object` says that it is a run, which the table says already. */
const knownFields: ReadonlySet<string> = new Set([...Object.keys(schema.shape), 'object']);

/** A run of a Websets monitor. Its spelling is ours. */
export const parseWebsetsRun = createRunParser(schema, (fields, record) => ({
  // Named one by one: spreading what zod returns takes twice as long as all the rest of reading a run.
  id: fields.id,
  monitorId: fields.monitorId,
  status: fields.status,
  type: fields.type,
  createdAt: fields.createdAt,
  updatedAt: fields.updatedAt,
  startedAt: null,
  completedAt: fields.completedAt,
  failedAt: fields.failedAt,
  failedReason: fields.failedReason,
  canceledAt: fields.canceledAt,
  extra: otherFields(record, knownFields),
  output: null,
}));

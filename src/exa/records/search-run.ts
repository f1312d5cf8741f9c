import { z } from 'zod';
import type { JsonObject } from '../../sync/model.ts';
import { createRunParser, type ParseRun } from './judge-run.ts';
import {
  idSchema,
  instantSchema,
  nullableInstantSchema,
  nullableTextSchema,
  wordSchema,
} from './record-schema.ts';
import { readOutput, type OutputWish } from './run-output.ts';
import { otherFields } from './storable-json.ts';

const schema = z.object({
  id: idSchema,
  monitorId: idSchema,
  status: wordSchema,
  failReason: nullableTextSchema,
  startedAt: nullableInstantSchema,
  completedAt: nullableInstantSchema,
  failedAt: nullableInstantSchema,
  cancelledAt: nullableInstantSchema,
  createdAt: instantSchema,
  updatedAt: instantSchema,
});

/** `object` says that it is a run, which the table says already. */
const knownFields: ReadonlySet<string> = new Set([...Object.keys(schema.shape), 'output', 'object']);

/** The words of this API that the other one spells differently. Any other word stays as it came. */
const spelling: ReadonlyMap<string, string> = new Map([
  ['pending', 'created'],
  ['cancelled', 'canceled'],
]);

/** A reader of runs of Search Monitors that keeps as much of what they found as is wished. */
export function createSearchRunParser(outputs: OutputWish): ParseRun {
  return createRunParser(schema, (fields, record) => {
    const { output, unknown } = readOutput(record['output'] ?? null, outputs);
    return {
      id: fields.id,
      monitorId: fields.monitorId,
      status: spelling.get(fields.status) ?? fields.status,
      type: null,
      createdAt: fields.createdAt,
      updatedAt: fields.updatedAt,
      startedAt: fields.startedAt,
      completedAt: fields.completedAt,
      failedAt: fields.failedAt,
      failedReason: fields.failReason,
      canceledAt: fields.cancelledAt,
      extra: withField(otherFields(record, knownFields), 'output', unknown),
      output,
    };
  });
}

function withField(fields: JsonObject | null, name: string, value: JsonObject | null): JsonObject | null {
  return value === null ? fields : { ...fields, [name]: value };
}

import type { Monitor } from '../../sync/model.ts';
import { createRecordSet } from '../runs/record-set.ts';
import { monitors } from '../schema.ts';

/** What makes up a row of `monitors`. Not `lastRun`: it moves with every run and is evidence, not data. */
export const monitorRecords = createRecordSet(monitors, [
  'websetId',
  'status',
  'cadenceCron',
  'cadenceTimezone',
  'behavior',
  'metadata',
  'name',
  'trigger',
  'outputSchema',
  'nextRunAt',
  'createdAt',
  'updatedAt',
  'extra',
] satisfies readonly (keyof Monitor)[]);

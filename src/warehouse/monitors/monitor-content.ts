import { hash } from 'node:crypto';
import { getTableColumns, sql, type SQL } from 'drizzle-orm';
import type { JsonValue, Monitor } from '../../sync/model.ts';
import { jsonbText } from './jsonb-text.ts';
import { createRecordSet } from '../runs/record-set.ts';
import { monitors } from '../schema.ts';

const columns = getTableColumns(monitors);

/** What makes up a row of `monitors`. Not `lastRun`: it moves with every run and is evidence, not data. */
const fields = [
  'websetId',
  'status',
  'cadenceCron',
  'cadenceTimezone',
  'behavior',
  'metadata',
  'nextRunAt',
  'createdAt',
  'updatedAt',
  'extra',
] as const satisfies readonly (keyof Monitor)[];

const instants: ReadonlySet<keyof Monitor> = new Set(
  fields.filter((field) => columns[field].getSQLType() === 'timestamp with time zone'),
);

export const monitorRecords = createRecordSet(monitors, fields);

const storedColumns = sql.join(
  fields.map((field) => columns[field]),
  sql`, `,
);

/**
 * Of a row of `monitors`: the digest of its content, which `digestOfMonitor` gives for equal content. A `json` array
 * prints what is in it as a `jsonb` one does, and is made in half the time.
 */
export const storedDigest: SQL = sql`
  encode(sha256(convert_to(json_build_array(${storedColumns})::text, 'UTF8')), 'base64')`;

/**
 * The digest of what the row of a monitor holds: of the text of a JSON array, which differs when the content does.
 * Null where it is not certain how Postgres would print it.
 */
export function digestOfMonitor(monitor: Monitor): string | null {
  let items = '';
  for (const field of fields) {
    const value = monitor[field];
    const text = instants.has(field) ? instantText(value) : jsonbText(value);
    if (text === null) return null;
    items += items === '' ? text : `, ${text}`;
  }
  return hash('sha256', `[${items}]`, 'base64');
}

/** An instant as Postgres prints it into `jsonb`: in UTC, without zeros at the end of the fraction. */
function instantText(value: JsonValue): string | null {
  if (value === null) return 'null';
  if (typeof value !== 'string' || !value.endsWith('Z')) return null;
  let end = value.length - 1;
  if (value.includes('.')) {
    while (value[end - 1] === '0') end -= 1;
    if (value[end - 1] === '.') end -= 1;
  }
  return `"${value.slice(0, end)}+00:00"`;
}

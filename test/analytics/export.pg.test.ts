import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parquetReadObjects } from 'hyparquet';
import type postgres from 'postgres';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { exportFormats, exportRelation, isExportFormat } from '../../src/analytics/export/export-relation.ts';
import { openDatabase, type Database } from '../../src/warehouse/connection/database.ts';
import { migrateWarehouse } from '../../src/warehouse/upkeep/migrate.ts';
import { relationNames } from '../../src/warehouse/upkeep/relations.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

/** What texts, numbers and instants can do to a file format. */
const hostile = {
  monitor: {
    id: 'm1',
    webset_id: 'w, "1"',
    status: 'enabled',
    cadence_cron: '0 0 * * *',
    cadence_timezone: 'Etc/UTC',
    behavior: { deep: [1, { text: 'a\n"b"' }], large: 12.5, none: null },
    metadata: {},
    next_run_at: '2026-03-29T01:30:00.000001+00:00',
    created_at: '1969-12-31T23:59:59.999999+00:00',
    updated_at: '2026-01-01T00:00:00+00:00',
  },
  runs: [
    {
      id: '=1+1',
      status: 'failed',
      failed_reason: 'line\r\nbreak, "quotes" \\ and ; 😀',
      answer: '9007199254740993',
    },
    { id: '', status: 'failed', failed_reason: '', answer: '1' },
    { id: ' spaces ', status: 'completed', failed_reason: null, answer: '-1' },
  ].map((run, index) => ({
    ...run,
    monitor_id: 'm1',
    type: 'search',
    created_at: `2026-01-0${index + 1}T00:00:00.123456+00:00`,
    updated_at: '2026-01-04T00:00:00+00:00',
    completed_at: run.status === 'completed' ? '2026-01-04T00:00:00.1+00:00' : null,
    failed_at: run.status === 'failed' ? '2026-01-04T00:00:00+00:00' : null,
  })),
};

let made: TestDatabase;
let warehouse: Database;

beforeAll(async () => {
  made = await createTestDatabase();
  warehouse = openDatabase({ url: made.url, schema: null, maxConnections: 2 });
  await fill(made.sql, 'monitors', [hostile.monitor]);
  await fill(made.sql, 'monitor_runs', hostile.runs);
  return () => warehouse.close();
});

async function fill(
  sql: postgres.Sql,
  table: string,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  const columns = sql(Object.keys(rows[0] ?? {}));
  await sql`insert into ${sql(table)} (${columns})
    select ${columns} from json_populate_recordset(null::${sql(table)}, ${JSON.stringify(rows)}::text::json)`;
}

async function exported(relation: string, format: string): Promise<Buffer> {
  if (!isExportFormat(format)) throw new Error(`unknown format ${format}`);
  const chunks: Buffer[] = [];
  const out = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  await exportRelation(warehouse, { relation, format, out });
  return Buffer.concat(chunks);
}

/** The rows that only one of two tables holds. */
function loadDifference(left: string, right: string): Promise<readonly unknown[]> {
  return made.sql.unsafe(
    `(select * from ${left} except all select * from ${right}) union all (select * from ${right} except all select * from ${left})`,
  );
}

describe('an export', () => {
  it.each(['monitors', 'monitor_runs'])(
    'of %s as CSV is read back by Postgres to the same rows',
    async (table) => {
      const file = await exported(table, 'csv');
      await made.sql.unsafe(`create table csv_of_${table} as select * from ${table} where false`);
      const copy = await made.sql.unsafe(`copy csv_of_${table} from stdin (format csv, header)`).writable();
      await pipeline(Readable.from([file]), copy);
      expect(await loadDifference(table, `csv_of_${table}`)).toEqual([]);
    },
  );

  it.each(['monitors', 'monitor_runs'])('of %s as NDJSON is read back to the same rows', async (table) => {
    const lines = (await exported(table, 'ndjson')).toString().trimEnd().split('\n');
    await made.sql.unsafe(`create table json_of_${table} as select * from ${table} where false`);
    for (const line of lines) {
      expect(() => void JSON.parse(line)).not.toThrow();
      await made.sql`insert into ${made.sql(`json_of_${table}`)}
        select (json_populate_record(null::${made.sql(`json_of_${table}`)}, ${line}::text::json)).*`;
    }
    expect(await loadDifference(table, `json_of_${table}`)).toEqual([]);
  });

  it('as Parquet is read back to the same values, in types of their own', async () => {
    const file = await exported('monitor_runs', 'parquet');
    const runs = await parquetReadObjects({ file: new Uint8Array(file).buffer });
    expect(runs).toHaveLength(3);
    expect(runs.find(({ id }) => id === '=1+1')).toMatchObject({
      failed_reason: 'line\r\nbreak, "quotes" \\ and ; 😀',
      answer: 9_007_199_254_740_993n,
      created_at: new Date('2026-01-01T00:00:00.123Z'),
      completed_at: null,
      duration_seconds: 259_199.876544,
      extra: null,
    });
    expect(runs.find(({ id }) => id === '')).toMatchObject({ failed_reason: '', answer: 1n });

    const [monitor] = await parquetReadObjects({
      file: new Uint8Array(await exported('monitors', 'parquet')).buffer,
    });
    expect(monitor).toMatchObject({
      next_run_at: new Date('2026-03-29T01:30:00Z'),
    });
    expect(JSON.parse(String(monitor?.['behavior']))).toEqual(hostile.monitor.behavior);

    const [facts] = await parquetReadObjects({
      file: new Uint8Array(await exported('failure_rates_daily', 'parquet')).buffer,
    });
    expect(facts).toMatchObject({ day: new Date('2026-01-01'), runs: 1, failure_rate: 1, monitor_id: 'm1' });
  });

  it.each([
    ['monitor_runs', 1_767_225_600_123_456n],
    ['monitors', -1n],
  ])('of %s keeps microseconds in Parquet', async (table, microseconds) => {
    const rows = await parquetReadObjects({
      file: new Uint8Array(await exported(table, 'parquet')).buffer,
      columns: ['created_at'],
      parsers: { timestampFromMicroseconds: (stored: bigint) => stored },
    });
    expect(rows.map((row) => row['created_at'])).toContain(microseconds);
  });

  it.each(exportFormats)('of every table and view works as %s, also without a row', async (format) => {
    const empty = await createTestDatabase('empty');
    const other = openDatabase({ url: empty.url, schema: 'An "other"', maxConnections: 1 });
    onTestFinished(() => other.close());
    await migrateWarehouse(other);
    for (const relation of relationNames) {
      expect((await exported(relation, format)).length).toBeGreaterThanOrEqual(0);
      let bytes = 0;
      const out = new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          bytes += chunk.length;
          done();
        },
      });
      if (isExportFormat(format)) await exportRelation(other, { relation, format, out });
      const filledByMigrations = ['sync_accounts', 'sync_freshness', 'sync_sources'];
      expect(bytes > 0).toBe(format !== 'ndjson' || filledByMigrations.includes(relation));
    }
  });

  it.each(['pg_authid', 'monitors; drop table monitors', 'schema_migrations', 'MONITORS'])(
    'of %s is refused with the names that there are',
    async (relation) => {
      await expect(exported(relation, 'csv')).rejects.toThrow(
        `"${relation}" is not a table or view of the warehouse; these are: failure_clusters, `,
      );
    },
  );

  it('ends when it is told to while its reader hangs, and leaves no transaction behind', async () => {
    await made.sql`insert into monitor_run_status_changes (run_id, monitor_id, to_status, changed_at, answer)
      select n::text, 'm1', 'running', now(), 1 from generate_series(1, 20000) n`;
    const abort = new AbortController();
    const taken: string[] = [];
    const out = new Writable({
      highWaterMark: 1,
      // Never says that it is done with the first chunk after the header.
      write: (chunk: Buffer, _encoding, done) => {
        taken.push(chunk.toString());
        if (taken.length === 1) done();
        else out.emit('stuck');
      },
    });
    const stuck = once(out, 'stuck');
    const relation = 'monitor_run_status_changes';
    const ended = exportRelation(warehouse, { relation, format: 'csv', out, signal: abort.signal });
    ended.catch(() => undefined);
    await stuck;
    abort.abort();
    await expect(ended).rejects.toMatchObject({ name: 'AbortError' });
    const left = await made.sql`select from pg_stat_activity
      where application_name = 'exa-monitor-sync' and state = 'idle in transaction' and datname = current_database()`;
    expect(left).toHaveLength(0);
    expect(taken).toHaveLength(2);
  });
});

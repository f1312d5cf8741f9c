import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createDashboards } from '../../grafana/generate/dashboards.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { storeCycle, storeMonitors, storeRuns } from '../report/stored-history.ts';
import { expandMacros, type Chosen } from './expand-macros.ts';

const dashboardSchema = z.object({
  panels: z.array(
    z.object({
      title: z.string(),
      type: z.string(),
      targets: z.array(z.object({ rawSql: z.string(), format: z.enum(['table', 'time_series']) })).length(1),
    }),
  ),
  templating: z.object({ list: z.array(z.object({ name: z.string(), query: z.string() })).default([]) }),
});

const dashboards = Object.entries(createDashboards()).map(([name, dashboard]) => ({
  name,
  ...dashboardSchema.parse(JSON.parse(JSON.stringify(dashboard))),
}));
const panels = dashboards.flatMap(({ name, panels: own }) =>
  own.flatMap(({ title, type, targets }) =>
    targets.map(({ rawSql, format }) => ({ name, title, type, rawSql, format })),
  ),
);
const dayMs = 86_400_000;

const all: Chosen = {
  from: new Date(Date.now() - 30 * dayMs).toISOString(),
  to: new Date(Date.now() + dayMs).toISOString(),
  interval: '6h',
  variables: {
    account: { all: 'account' },
    api: { all: 'api' },
    webset: { all: "coalesce(webset_id, '')" },
    monitor: { all: 'monitor_id' },
  },
};
const one: Chosen = {
  ...all,
  variables: { account: ['default'], api: ['websets'], webset: ["it's"], monitor: ["o'neill"] },
};

type Row = Readonly<Record<string, unknown>>;

/** As Grafana's role would run it. */
async function run({ sql }: TestDatabase, rawSql: string, chosen: Chosen): Promise<readonly Row[]> {
  const rows = await sql.begin('read only', (tx) => tx.unsafe<Row[]>(expandMacros(rawSql, chosen)));
  return rows.map((row) => ({ ...row }));
}

/** A series needs its time, and something to draw. */
function fits(row: Row, format: string): boolean {
  return format === 'table' || (row['time'] instanceof Date && Object.keys(row).length > 1);
}

/** What every dashboard offers first. */
function variablesOfSources(name: string) {
  return [
    [name, 'account', ['default']],
    [name, 'api', ['websets']],
  ];
}

describe('the panels', () => {
  let database: TestDatabase;
  let empty: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    empty = await createTestDatabase();
    const { sql } = database;
    await storeMonitors(sql, [
      { id: "o'neill", websetId: "it's", query: 'robots' },
      { id: 'm2', websetId: 'w2', coveredDaysAgo: 2 },
      { id: 'm3', websetId: 'w2', coveredDaysAgo: null, lastError: 'the API answered 404' },
    ]);
    await storeRuns(sql, [
      { monitorId: "o'neill", daysAgo: 1, status: 'completed', durationSeconds: 100 },
      {
        monitorId: "o'neill",
        daysAgo: 1,
        status: 'failed',
        durationSeconds: 300,
        failedReason: 'Timed out after 12 s',
      },
      { monitorId: "o'neill", daysAgo: 40, status: 'failed', failedReason: 'Too old' },
      { monitorId: 'm2', daysAgo: 2, status: 'failed', failedReason: 'Timed out after 7 s' },
      { monitorId: 'm2', daysAgo: 2, status: 'canceled' },
    ]);
    await storeCycle(sql, 'partial', '1 of 3 monitors failed');
    await storeCycle(sql, 'succeeded');
    await sql`insert into sync_cycle_sources (cycle_id, source_id, status) select id, 1, status from sync_cycles`;
    await sql`insert into rejected_runs (monitor_id, run_key, reason, payload) values ('m2', 'r', 'no id', '{}')`;
  });

  it.each(panels)('$name, $title: asks what Postgres can answer', async ({ rawSql, format, type }) => {
    // A single monitor is chosen on some dashboards; "All" is nothing that its variable offers.
    const chosen = rawSql.includes(' = ${monitor') ? one : all;
    const rows = await run(database, rawSql, chosen);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.map((row) => fits(row, format))).not.toContain(false);
    // A panel of one number shows one.
    expect(type === 'stat' ? rows.map((row) => Object.keys(row).length) : [1]).toEqual([1]);
    await expect(run(empty, rawSql, one)).resolves.toBeInstanceOf(Array);
  });

  it.each([
    ['runs.json', 'Failure rate', all, 2 / 3],
    ['runs.json', 'Failure rate', one, 1 / 2],
    ['runs.json', 'Failed runs', all, '2'],
    ['runs.json', 'Runs', all, '4'],
    ['runs.json', 'Runs', one, '2'],
    ['runs.json', 'Monitors with old data', all, '2'],
    ['runs.json', 'Monitors with old data', one, '0'],
    ['runs.json', 'All known up to', all, null],
    ['monitor.json', 'Failure rate, 30 days', one, 1 / 2],
    ['sync.json', 'Last cycle', all, 'succeeded'],
    ['sync.json', 'Rejected runs', all, 1],
  ])('%s, %s: shows what is so', async (name, title, chosen, expected) => {
    const panel = panels.find((candidate) => candidate.name === name && candidate.title === title);
    const [row = {}] = await run(database, panel?.rawSql ?? '', chosen);
    expect(Object.values(row)).toEqual([expected]);
  });

  it('group reasons and leave out what is not of the chosen time', async () => {
    const panel = panels.find(({ title }) => title === 'Reasons of failures');
    await expect(run(database, panel?.rawSql ?? '', all)).resolves.toMatchObject([
      { reason: 'Timed out after <n> s', failures: '2', monitors: '2' },
    ]);
  });

  it('have variables that offer what there is', async () => {
    const offered = await Promise.all(
      dashboards.flatMap(({ name, templating }) =>
        templating.list.map(async (variable) => {
          const rows = await run(database, variable.query, all);
          return [name, variable.name, rows.map((row) => Object.values(row).join(' '))];
        }),
      ),
    );
    expect(offered).toEqual([
      ...variablesOfSources('runs.json'),
      ['runs.json', 'webset', ["it's", 'w2']],
      ['runs.json', 'monitor', ['m2 m2', 'm3 m3', "robots o'neill"]],
      ...variablesOfSources('monitor.json'),
      ['monitor.json', 'monitor', ['m2 m2', "robots o'neill", 'm3 m3']],
      ...variablesOfSources('sync.json'),
    ]);
  });

  it('show Search Monitors beside those of websets, and one account or one API alone', async () => {
    const both = await createTestDatabase();
    const { sql } = both;
    await storeMonitors(sql, [
      { id: 'm1', websetId: 'w1' },
      { id: 's1', websetId: 'none' },
    ]);
    await storeRuns(sql, [
      { monitorId: 'm1', daysAgo: 1, status: 'completed' },
      { monitorId: 's1', daysAgo: 1, status: 'failed' },
    ]);
    await sql`insert into sync_sources (id, account, api) values (7, 'eu', 'search')`;
    await sql`update monitors set source_id = 7, webset_id = null where id = 's1'`;
    await sql`update monitor_runs set source_id = 7 where monitor_id = 's1'`;
    const panel = panels.find(({ name, title }) => name === 'runs.json' && title === 'Runs');
    const runs = async (chosen: Chosen['variables']) => {
      const [row = {}] = await run(both, panel?.rawSql ?? '', {
        ...all,
        variables: { ...all.variables, ...chosen },
      });
      return Object.values(row)[0];
    };
    expect(await runs({})).toBe('2');
    expect(await runs({ account: ['eu'] })).toBe('1');
    expect(await runs({ api: ['websets'] })).toBe('1');
    expect(await runs({ account: ['default'], api: ['search'] })).toBe('0');
  });
});

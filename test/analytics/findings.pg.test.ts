/** The views of what runs of Search Monitors found, held against a plain recomputation. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

interface FoundRun {
  readonly monitor: number;
  readonly hour: number;
  /** Addresses by number, in their order; null: a result without one. */
  readonly pages: readonly (number | null)[];
}

const beginMs = Date.parse('2026-03-27T20:00:00Z');
const monitorOf = ({ monitor }: FoundRun): string => `m${monitor}`;
const urlOf = (page: number): string => `https://example.com/${page}`;
const createdAt = ({ hour }: FoundRun): string => new Date(beginMs + hour * 3_600_000).toISOString();

async function store({ sql }: TestDatabase, runs: readonly FoundRun[]): Promise<void> {
  await sql`truncate monitors, monitor_runs, monitor_run_outputs, monitor_run_results`;
  const monitors = [0, 1, 2].map((number) => ({ id: `m${number}`, source: number === 2 ? 'eu' : 'default' }));
  await sql`
    insert into monitors (id, status, behavior, metadata, created_at, updated_at, name, source_id)
    select given.id, 'active', '{}', '{}', '2026-01-01Z', '2026-01-01Z', 'name of ' || given.id, sync_sources.id
    from json_to_recordset(${JSON.stringify(monitors)}::text::json) as given (id text, source text)
    join sync_sources on account = source and api = 'search'`;
  const records = runs.map((run, index) => ({
    id: `r${index}`,
    monitor: monitorOf(run),
    at: createdAt(run),
    results: run.pages.length,
  }));
  await sql`
    insert into monitor_runs (id, monitor_id, status, created_at, updated_at, answer, source_id)
    select given.id, monitor, 'completed', at, at, 1, source_id
    from json_to_recordset(${JSON.stringify(records)}::text::json) as given (id text, monitor text, at timestamptz)
    join monitors on monitors.id = monitor`;
  await sql`
    insert into monitor_run_outputs (run_id, results, answer)
    select id, results, 1 from json_to_recordset(${JSON.stringify(records)}::text::json) as given (id text, results integer)`;
  const results = runs.flatMap(({ pages }, index) =>
    pages.map((page, at) => ({
      run: `r${index}`,
      position: at + 1,
      url: page === null ? null : urlOf(page),
      title: page === null ? null : `title ${page}`,
    })),
  );
  await sql`
    insert into monitor_run_results (run_id, position, url, title)
    select run, position, url, title
    from json_to_recordset(${JSON.stringify(results)}::text::json) as given (run text, position integer, url text, title text)`;
}

/** Every view, from the runs one after the other. */
function recompute(runs: readonly FoundRun[]) {
  const inOrder = runs
    .map((run, index) => ({ ...run, id: `r${index}` }))
    .toSorted((a, b) => a.hour - b.hour || (a.id < b.id ? -1 : 1));
  const pages = new Map<
    string,
    { monitor_id: string; url: string; runs: number; first_run_id: string; first: string; last: string }
  >();
  const weeks = new Map<
    string,
    { monitor_id: string; week: string; runs: number; empty_runs: number; results: number; new_pages: number }
  >();
  const findings = inOrder.map((run) => {
    const monitorId = monitorOf(run);
    const urls = new Set(run.pages.filter((page) => page !== null).map(urlOf));
    let fresh = 0;
    for (const url of urls) {
      const known = pages.get(`${monitorId} ${url}`);
      if (known === undefined) fresh += 1;
      const [first, last] = [known?.first ?? createdAt(run), createdAt(run)];
      const first_run_id = known?.first_run_id ?? run.id;
      pages.set(`${monitorId} ${url}`, {
        monitor_id: monitorId,
        url,
        runs: (known?.runs ?? 0) + 1,
        first_run_id,
        first,
        last,
      });
    }
    const day = new Date(createdAt(run).slice(0, 10));
    const week = new Date(day.getTime() - ((day.getUTCDay() + 6) % 7) * 86_400_000)
      .toISOString()
      .slice(0, 10);
    const before = weeks.get(`${monitorId} ${week}`) ?? {
      monitor_id: monitorId,
      week,
      runs: 0,
      empty_runs: 0,
      results: 0,
      new_pages: 0,
    };
    weeks.set(`${monitorId} ${week}`, {
      ...before,
      runs: before.runs + 1,
      empty_runs: before.empty_runs + (run.pages.length === 0 ? 1 : 0),
      results: before.results + run.pages.length,
      new_pages: before.new_pages + fresh,
    });
    return {
      run_id: run.id,
      monitor_id: monitorId,
      results: run.pages.length,
      new_pages: fresh,
      found_nothing: run.pages.length === 0,
    };
  });
  const urls = new Set([...pages.values()].map(({ url }) => url));
  const shared = [...urls].flatMap((url) => {
    const found = [...pages.values()]
      .filter((page) => page.url === url)
      .toSorted((a, b) => a.first.localeCompare(b.first) || (a.monitor_id < b.monitor_id ? -1 : 1));
    if (found.length < 2) return [];
    return [{ url, monitors: found.length, monitor_ids: found.map(({ monitor_id }) => monitor_id) }];
  });
  return { findings, pages: [...pages.values()], weeks: [...weeks.values()], shared };
}

const byText = (rows: readonly unknown[]): readonly string[] =>
  rows.map((row) => JSON.stringify(row)).toSorted();

test('the views of findings say what a plain recomputation says', { timeout: 120_000 }, async () => {
  expect.hasAssertions();
  const database = await createTestDatabase();
  const { sql } = database;
  await sql`insert into sync_sources (account, api) values ('default', 'search'), ('eu', 'search')`;
  const run = fc.record({
    monitor: fc.nat(2),
    hour: fc.nat(24 * 20),
    pages: fc.array(fc.option(fc.nat(6), { freq: 6 }), { maxLength: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(run, { maxLength: 25 }), async (runs) => {
      await store(database, runs);
      const expected = recompute(runs);
      const utc = 'YYYY-MM-DD"T"HH24:MI:SS".000Z"';
      const [findings, pages, weeks, shared] = await Promise.all([
        sql`select run_id, monitor_id, results, new_pages, found_nothing from monitor_run_findings`,
        sql`select monitor_id, url, runs, first_run_id, to_char(first_found_at at time zone 'UTC', ${utc}) as first,
          to_char(last_found_at at time zone 'UTC', ${utc}) as last from monitor_pages`,
        sql`select monitor_id, week::text, runs, empty_runs, results, new_pages from monitor_findings_weekly`,
        sql`select url, monitors, monitor_ids from pages_of_several_monitors`,
      ]);
      expect(byText(findings)).toEqual(byText(expected.findings));
      expect(byText(pages)).toEqual(byText(expected.pages));
      expect(byText(weeks)).toEqual(byText(expected.weeks));
      expect(byText(shared)).toEqual(byText(expected.shared));
    }),
    { numRuns: 60 },
  );
});

test('they name monitor, account and API, and the title of a page', async () => {
  const database = await createTestDatabase();
  const { sql } = database;
  await sql`insert into sync_sources (account, api) values ('default', 'search'), ('eu', 'search')`;
  await store(database, [
    { monitor: 0, hour: 1, pages: [1] },
    { monitor: 2, hour: 2, pages: [1, 2] },
  ]);
  const named = { monitor_name: 'name of m2', account: 'eu', api: 'search' };
  for (const view of ['monitor_pages', 'monitor_run_findings', 'monitor_findings_weekly']) {
    const [row] = await sql`select monitor_name, account, api from ${sql(view)} where monitor_id = 'm2'`;
    expect(row).toEqual(named);
  }
  const shared = await sql`select title, monitor_names from pages_of_several_monitors`;
  expect([...shared]).toEqual([{ title: 'title 1', monitor_names: ['name of m0', 'name of m2'] }]);
});

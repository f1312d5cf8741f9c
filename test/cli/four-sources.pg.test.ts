/** One warehouse of two accounts, each with both APIs, by the built program. */
import { expect, it, vi } from 'vitest';
import type { Fault } from '../../src/simulator/answers/faults.ts';
import { noDifferences } from '../exactness/truth.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { linesOf, runCommand, startCommand } from './command-line.ts';
import { parseSummary } from './served-account.ts';
import { differencesOf, serveTwoAccounts } from './served-accounts.ts';

// Each command is a process of its own: on a busy machine several of them take a while.
vi.setConfig({ testTimeout: 300_000 });

const names = ['default', 'eu'] as const;
const apis = ['websets', 'search'] as const;
const sources = names.flatMap((name) => apis.map((api) => ({ name, api })));

type Accounts = Awaited<ReturnType<typeof serveTwoAccounts>>;

/** What each of the four sources lacks, or has too much of. */
async function differences(database: TestDatabase, accounts: Accounts) {
  const found = await Promise.all(
    sources.map(({ name, api }) => differencesOf(database, name, api, accounts[name])),
  );
  return Object.fromEntries(sources.map(({ name, api }, index) => [`${name} ${api}`, found[index]]));
}

const nothing = Object.fromEntries(sources.map(({ name, api }) => [`${name} ${api}`, noDifferences]));

/** Every row of every table as text, with the transaction that wrote it last. */
async function allRows({ sql }: TestDatabase): Promise<Readonly<Record<string, readonly string[]>>> {
  const tables = await sql<{ name: string }[]>`
    select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`;
  const rows = await Promise.all(
    tables.map(
      ({ name }) => sql<{ row: string }[]>`
      select t.xmin::text || t::text as row from ${sql(name)} t order by 1`,
    ),
  );
  return Object.fromEntries(
    tables.map(({ name }, index) => [name, (rows[index] ?? []).map(({ row }) => row)]),
  );
}

/** Without the records of cycles, and without due times, which a first cycle leaves in part to the next ones. */
async function syncedRows(database: TestDatabase) {
  const {
    sync_cycles: _,
    sync_cycle_sources: __,
    monitor_schedules: ___,
    missed_runs: ____,
    ...rows
  } = await allRows(database);
  return rows;
}

function requestsOf(accounts: Accounts): Record<'websets' | 'search' | 'team', number> {
  const counts = names.map((name) => accounts[name].simulator.requests.counts);
  const sum = (figure: (of: (typeof counts)[number]) => number) =>
    counts.reduce((total, one) => total + figure(one), 0);
  const team = sum(({ byEndpoint }) => byEndpoint.team);
  return {
    websets: sum(({ byApi }) => byApi.websets) - team,
    search: sum(({ byApi }) => byApi.search),
    team,
  };
}

function resetRequests(accounts: Accounts): void {
  for (const name of names) accounts[name].simulator.requests.reset();
}

it('is exact for all four, costs what each costs alone, and a page of each listing when nothing is new', async () => {
  const accounts = await serveTwoAccounts();
  const alone: number[] = [];
  for (const { name, api } of sources) {
    const database = await createTestDatabase('empty');
    const environment = { ...accounts.environment, DATABASE_URL: database.url };
    const one = await runCommand(['sync', '--json', '--account', name, '--api', api], { environment });
    expect([one.exitCode, one.stderr]).toEqual([0, one.stderr]);
    alone.push(parseSummary(one.stdout).requests);
    await database.drop();
  }
  expect(alone).toEqual([1 + 20 * 3, 1 + 20 * 5, 1 + 20 * 3, 1 + 20 * 5]);
  resetRequests(accounts);
  const database = await createTestDatabase('empty');
  const environment = { ...accounts.environment, DATABASE_URL: database.url };
  const all = await runCommand(['sync', '--json'], { environment });
  expect(parseSummary(all.stdout)).toMatchObject({
    status: 'succeeded',
    monitors: { seen: 80, walked: 80 },
    runs: { inserted: 40_000, rejected: 0 },
    requests: alone.reduce((total, requests) => total + requests),
  });
  // And the team of each key, once.
  expect(requestsOf(accounts)).toEqual({ websets: 122, search: 202, team: 2 });
  expect(await differences(database, accounts)).toEqual(nothing);

  const before = await syncedRows(database);
  resetRequests(accounts);
  const again = await runCommand(['sync', '--json'], { environment });
  expect(parseSummary(again.stdout)).toMatchObject({
    status: 'succeeded',
    monitors: { skipped: 80 },
    requests: 4,
  });
  expect(requestsOf(accounts)).toEqual({ websets: 2, search: 2, team: 0 });
  expect(await syncedRows(database)).toEqual(before);
});

const small = { monitors: 5, runsPerMonitor: 30, searchMonitors: 5, runsPerSearchMonitor: 30 };

it.each<[string, Fault]>([
  ['401', { kind: 'refuse', because: 'badKey' }],
  ['402', { kind: 'refuse', because: 'credits' }],
  ['403', { kind: 'status', status: 403 }],
  ['400 that names the key', { kind: 'refuse', because: 'badKey400' }],
])('one that refuses (%s) is asked once, and the three others are exact', async (_, fault) => {
  const accounts = await serveTwoAccounts(small);
  const database = await createTestDatabase('empty');
  const environment = { ...accounts.environment, DATABASE_URL: database.url };
  for (const refusing of sources) {
    resetRequests(accounts);
    for (const name of names) accounts[name].simulator.setFaults(null);
    const { simulator } = accounts[refusing.name];
    simulator.setFaults(({ api, endpoint }) => (api === refusing.api && endpoint !== 'team' ? fault : null));
    for (const { name, api } of sources) {
      // Something new everywhere: what is exact was read in this cycle.
      const side = api === 'websets' ? accounts[name].account : accounts[name].account.search;
      side.addRun(side.monitorIds()[0] ?? '', { outcome: 'completed' });
    }
    const { exitCode, stdout, stderr } = await runCommand(['sync', '--full', '--json'], { environment });
    expect([exitCode, parseSummary(stdout).status]).toEqual([3, 'partial']);
    expect(stderr).toContain(`${refusing.name}/${refusing.api}`);
    const refused = simulator.requests.entries.filter(
      ({ api, endpoint }) => api === refusing.api && endpoint !== 'team',
    );
    expect(refused.map(({ fault: kind }) => kind)).toEqual([fault.kind]);
    const { [`${refusing.name} ${refusing.api}`]: itsOwn, ...others } = await differences(database, accounts);
    for (const found of Object.values(others)) expect(found).toEqual(noDifferences);
    expect(itsOwn?.lost).not.toEqual([]);
    for (const name of names) accounts[name].simulator.setFaults(null);
    expect((await runCommand(['sync', '--full'], { environment })).exitCode).toBe(0);
    expect(await differences(database, accounts)).toEqual(nothing);
  }
});

/** What status says of a source after a cycle that went well. */
function sourceRow(account: string, api: string, monitors: number): unknown {
  return expect.objectContaining({ account, api, monitors, lastStatus: 'succeeded', error: null });
}

it('status tells the four apart, and shows one of them alone', async () => {
  const accounts = await serveTwoAccounts({ ...small, monitors: 2 });
  const database = await createTestDatabase('empty');
  const environment = { ...accounts.environment, DATABASE_URL: database.url };
  expect((await runCommand(['sync'], { environment })).exitCode).toBe(0);
  const status = async (...flags: readonly string[]): Promise<unknown> =>
    JSON.parse((await runCommand(['status', '--json', ...flags], { environment })).stdout);
  expect(await status()).toMatchObject({
    totals: { monitors: 14, runs: 14 * 30 },
    sources: [
      sourceRow('default', 'search', 5),
      sourceRow('default', 'websets', 2),
      sourceRow('eu', 'search', 5),
      sourceRow('eu', 'websets', 2),
    ],
  });
  const { account } = accounts.eu;
  const one = await status('--account', 'eu', '--api', 'websets');
  expect(one).toMatchObject({
    totals: { monitors: 2, runs: 60 },
    sources: [sourceRow('eu', 'websets', 2)],
    freshness: expect.arrayContaining(
      account.monitorIds().map((monitorId) => expect.objectContaining({ monitorId })),
    ),
    attention: { unreadMonitors: 0, coveredThrough: expect.any(String) },
  });
  expect(one).toHaveProperty('freshness.length', 2);
  const { stdout } = await runCommand(['status', '--account', 'eu'], { environment });
  expect(stdout).toContain('7 monitors, 210 runs');
  expect(stdout).toMatch(/eu\W+websets\W+2\W+succeeded/);
  expect(stdout).not.toContain('default');
});

it('the key of one account under the name of the other writes nothing, and both teams are named', async () => {
  const accounts = await serveTwoAccounts(small);
  const database = await createTestDatabase('empty');
  const environment = { ...accounts.environment, DATABASE_URL: database.url };
  expect((await runCommand(['sync'], { environment })).exitCode).toBe(0);
  const before = await allRows(database);
  resetRequests(accounts);
  // The key moved to another name, as it does in a mistaken .env.
  const { EXA_API_KEY: key, ...others } = environment;
  const mistaken = { ...others, EXA_API_KEY_EU: key };
  const { exitCode, stdout, stderr } = await runCommand(['sync', '--json'], { environment: mistaken });
  const said = linesOf(stderr).filter((line) => !line.includes('"warehouse opened"'));
  expect([exitCode, stdout, said]).toEqual([
    2,
    '',
    [
      expect.stringContaining(
        'EXA_API_KEY_EU: belongs to the team "Simulated team" (team_1), but what is stored as account "eu" belongs to the team "Team of the EU" (team_2)',
      ),
    ],
  ]);
  expect(requestsOf(accounts)).toEqual({ websets: 0, search: 0, team: 1 });
  expect(await allRows(database)).toEqual(before);
});

it('the same where the API does not tell the team: no monitor of the other is taken or marked', async () => {
  const accounts = await serveTwoAccounts(small);
  for (const name of names) accounts[name].account.team = null;
  const database = await createTestDatabase('empty');
  const environment = { ...accounts.environment, DATABASE_URL: database.url };
  expect((await runCommand(['sync'], { environment })).exitCode).toBe(0);
  const synced = async () => {
    const { monitors, monitor_runs: runs, monitor_run_outputs: outputs } = await allRows(database);
    return { monitors, runs, outputs };
  };
  const before = await synced();
  // The key moved to another name, as it does in a mistaken .env.
  const { EXA_API_KEY: key, ...others } = environment;
  const mistaken = { ...others, EXA_API_KEY_EU: key };
  const { exitCode, stdout } = await runCommand(['sync', '--json'], { environment: mistaken });
  const { status, error } = parseSummary(stdout);
  expect([exitCode, status]).toEqual([3, 'partial']);
  expect(error).toContain('the API lists 0 of the 5 monitors that are stored; none was marked absent');
  expect(error).toContain('sync --accept-missing');
  expect(await synced()).toEqual(before);
});

it('an id that two accounts list stays with the first, and the other one says whose it is', async () => {
  const accounts = await serveTwoAccounts({ ...small, monitors: 1, searchMonitors: 1 });
  const database = await createTestDatabase('empty');
  const environment = { ...accounts.environment, DATABASE_URL: database.url };
  expect((await runCommand(['sync'], { environment })).exitCode).toBe(0);
  const [monitorId = ''] = accounts.default.account.monitorIds();
  const [theirs] = accounts.default.account.runs(monitorId);
  const { search } = accounts.eu.account;
  const [own = ''] = search.monitorIds();
  const { monitors, monitor_runs: runs } = await allRows(database);
  search.addMonitor({ id: monitorId, firesOnSchedule: false });
  search.addRun(own, { id: theirs?.id ?? '', outcome: 'completed' });
  const { exitCode, stdout, stderr } = await runCommand(['sync', '--full', '--json'], { environment });
  expect([exitCode, parseSummary(stdout)]).toMatchObject([
    3,
    { monitors: { failed: 1 }, runs: { rejected: 1 } },
  ]);
  expect(stderr).toContain(`monitor ${monitorId} is stored as one of default/websets`);
  const rejected = await database.sql`select run_key, reason from rejected_runs`;
  expect([...rejected]).toEqual([
    {
      run_key: theirs?.id,
      reason: expect.stringMatching(/websets of account default.*search of account eu/),
    },
  ]);
  expect(await allRows(database)).toMatchObject({ monitors, monitor_runs: runs });
});

it('killed before any second of its requests is answered, the next cycle is exact and reads one page a walk twice at most', async () => {
  const size = { monitors: 2, runsPerMonitor: 8, searchMonitors: 2, runsPerSearchMonitor: 8 };
  // Four listings, and three pages of each of the eight lists.
  const requests = 4 + 8 * 3;
  for (let fatal = 1; fatal <= requests; fatal += 2) {
    const accounts = await serveTwoAccounts(size);
    const database = await createTestDatabase('empty');
    const environment = {
      ...accounts.environment,
      DATABASE_URL: database.url,
      EXA_PAGE_SIZE: '3',
      // The top of a list is read again after a walk was resumed: one page, not those of a day.
      SYNC_OVERLAP_HOURS: '1',
      SYNC_CONCURRENCY: '1',
    };
    const doomed = await startCommand(['sync'], { environment });
    let asked = 0;
    for (const name of names) {
      accounts[name].simulator.setFaults(() => {
        asked += 1;
        if (asked < fatal) return null;
        doomed.child.kill('SIGKILL');
        return { kind: 'hang' };
      });
    }
    expect((await doomed.ended).exitCode).toBeNull();
    for (const name of names) accounts[name].simulator.setFaults(null);
    const next = await runCommand(['sync', '--json'], { environment });
    expect([fatal, next.exitCode, next.stderr]).toEqual([fatal, 0, next.stderr]);
    expect(await differences(database, accounts)).toEqual(nothing);
    expect(mostPagesReadTwice(accounts)).toBeLessThanOrEqual(1);
    await database.drop();
  }
});

/** Of the walk that read most of them twice; the top of a list is read again after a walk was resumed. */
function mostPagesReadTwice(accounts: Accounts): number {
  const pages = names
    .flatMap((name) => accounts[name].simulator.requests.entries)
    .filter(({ endpoint, cursor, status }) => endpoint === 'runs' && cursor !== null && status === 200);
  const twice = new Map<string, number>();
  const seen = new Set<string>();
  for (const { monitorId, cursor } of pages) {
    const page = `${monitorId} ${cursor}`;
    if (seen.has(page)) twice.set(monitorId ?? '', (twice.get(monitorId ?? '') ?? 0) + 1);
    seen.add(page);
  }
  return Math.max(0, ...twice.values());
}

/** Monitors of both APIs in one warehouse, by the built program. */
import { expect, it, onTestFinished, vi } from 'vitest';
import { generateAccount } from '../../src/simulator/account/generate-account.ts';
import type { GenerateOptions } from '../../src/simulator/account/generate-account.ts';
import { startSimulator } from '../../src/simulator/http/server.ts';
import { systemClock } from '../../src/simulator/state/clock.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { runCommand } from './command-line.ts';
import { apiKey, parseSummary } from './served-account.ts';

// Each command is a process of its own: on a busy machine several of them take a while.
vi.setConfig({ testTimeout: 120_000 });

async function serveBoth(size: Partial<GenerateOptions> = {}) {
  const account = generateAccount({
    monitors: 5,
    runsPerMonitor: 300,
    searchMonitors: 5,
    runsPerSearchMonitor: 250,
    firesOnSchedule: false,
    clock: systemClock,
    ...size,
  });
  const simulator = await startSimulator({ account, apiKey, recordRequests: true });
  onTestFinished(() => simulator.close());
  const database = await createTestDatabase('empty');
  const environment = {
    EXA_API_KEY: apiKey,
    EXA_BASE_URL: simulator.url,
    EXA_REQUESTS_PER_SECOND: '0',
    DATABASE_URL: database.url,
  };
  const run = async (...argv: readonly string[]) => runCommand(argv, { environment });
  return { account, simulator, database, environment, run };
}

/** Each row of what is synced with the transaction that wrote it last. */
async function writtenRows({ sql }: TestDatabase): Promise<readonly unknown[]> {
  return sql`
    select 'run' as what, id, xmin::text from monitor_runs
    union all select 'monitor', id, xmin::text from monitors
    union all select 'checkpoint', monitor_id, xmin::text from sync_checkpoints
    union all select 'output', run_id, xmin::text from monitor_run_outputs
    order by 1, 2`;
}

it('a warehouse of both APIs is exact, and costs one page of each listing when nothing is new', async () => {
  const { simulator, database, run } = await serveBoth();
  const first = await run('sync', '--json');
  expect([first.exitCode, first.stderr]).toEqual([0, first.stderr]);
  expect(parseSummary(first.stdout)).toMatchObject({
    status: 'succeeded',
    monitors: { seen: 10, walked: 10 },
    // Two pages of 200, three of 100.
    requests: 1 + 5 * 2 + 1 + 5 * 3,
    runs: { inserted: 5 * 300 + 5 * 250 },
  });
  // And the team of the key, once.
  expect(simulator.requests.counts.byEndpoint.team).toBe(1);
  const sources = await database.sql`
    select api, count(*)::int as runs, count(distinct monitor_id)::int as monitors
    from monitor_runs join sync_sources on sync_sources.id = monitor_runs.source_id group by api order by api`;
  expect([...sources]).toEqual([
    { api: 'search', runs: 1250, monitors: 5 },
    { api: 'websets', runs: 1500, monitors: 5 },
  ]);
  const written = await writtenRows(database);
  simulator.requests.reset();
  const second = await run('sync', '--json');
  expect(parseSummary(second.stdout)).toMatchObject({
    status: 'succeeded',
    monitors: { seen: 10, skipped: 10, walked: 0 },
    requests: 2,
    runs: { inserted: 0, updated: 0 },
  });
  expect(simulator.requests.total).toBe(2);
  expect(simulator.requests.counts.byEndpoint).toMatchObject({ monitors: 2, team: 0 });
  expect(await writtenRows(database)).toEqual(written);
  const verified = await run('verify', '--json');
  expect(JSON.parse(verified.stdout)).toMatchObject({
    equal: true,
    monitorsCompared: 10,
    runsCompared: 2750,
    findings: [],
  });
});

it('an id that both sources list is rejected with both named, and neither row is touched', async () => {
  const { account, simulator, database, run } = await serveBoth({ monitors: 1, searchMonitors: 1 });
  const [websetsMonitor] = account.monitors();
  const [searchMonitor] = account.search.monitors();
  const [run1] = account.runs(websetsMonitor?.id ?? '');
  expect((await run('sync')).exitCode).toBe(0);
  const written = () => database.sql`
    select id, xmin::text from monitor_runs union all select id, xmin::text from monitors order by 1`;
  const before = await written();
  account.search.addMonitor({ id: websetsMonitor?.id ?? '', firesOnSchedule: false });
  account.search.addRun(searchMonitor?.id ?? '', { id: run1?.id ?? '', outcome: 'completed' });
  simulator.requests.reset();
  const { exitCode, stdout, stderr } = await run('sync', '--full', '--json');
  expect([exitCode, parseSummary(stdout)]).toMatchObject([
    3,
    { status: 'partial', monitors: { failed: 1 }, runs: { inserted: 0, rejected: 1 } },
  ]);
  expect(stderr).toContain(`monitor ${websetsMonitor?.id} is stored as one of default/websets`);
  const rejected = await database.sql`select monitor_id, run_key, reason from rejected_runs`;
  expect([...rejected]).toEqual([
    {
      monitor_id: searchMonitor?.id,
      run_key: run1?.id,
      reason: expect.stringMatching(/websets of account default.*search of account default/),
    },
  ]);
  expect(await written()).toEqual(before);
});

it.each(['badKey', 'badKey400', 'credits'] as const)(
  'an API that refuses (%s) costs one request, and the other is exact',
  async (because) => {
    const { simulator, database, run } = await serveBoth();
    simulator.setFaults(({ api }) => (api === 'search' ? { kind: 'refuse', because } : null));
    const { exitCode, stdout } = await run('sync', '--json');
    expect(exitCode).toBe(3);
    expect(parseSummary(stdout)).toMatchObject({ status: 'partial', runs: { inserted: 1500 } });
    expect(simulator.requests.counts.byApi.search).toBe(1);
    const sources = await database.sql`
      select api, sync_cycle_sources.status from sync_cycle_sources
      join sync_sources on sync_sources.id = sync_cycle_sources.source_id order by api`;
    expect([...sources]).toEqual([
      { api: 'search', status: 'failed' },
      { api: 'websets', status: 'succeeded' },
    ]);
  },
);

it('an API that is not in the plan is noted, not a failure, and not asked again the same day', async () => {
  const { simulator, run } = await serveBoth();
  simulator.setFaults(({ api, endpoint }) =>
    api === 'websets' && endpoint !== 'team' ? { kind: 'refuse', because: 'plan' } : null,
  );
  const first = await run('sync', '--json');
  expect([first.exitCode, parseSummary(first.stdout)]).toMatchObject([
    0,
    { status: 'succeeded', runs: { inserted: 1250 } },
  ]);
  simulator.requests.reset();
  const second = await run('sync', '--json');
  expect([second.exitCode, parseSummary(second.stdout).status]).toEqual([0, 'succeeded']);
  expect(simulator.requests.counts.byApi.websets).toBe(0);
  expect(JSON.parse((await run('verify', '--json')).stdout)).toMatchObject({
    equal: true,
    runsCompared: 1250,
  });
});

it('an API that could be read once and is not in the plan any more makes cycles partial', async () => {
  const { simulator, run } = await serveBoth({ monitors: 1, searchMonitors: 1 });
  expect((await run('sync')).exitCode).toBe(0);
  simulator.setFaults(({ api, endpoint }) =>
    api === 'websets' && endpoint !== 'team' ? { kind: 'refuse', because: 'plan' } : null,
  );
  const { exitCode, stdout } = await run('sync', '--json');
  expect([exitCode, parseSummary(stdout)]).toMatchObject([
    3,
    { status: 'partial', error: expect.stringMatching(/^default\/websets: .*the plan of this account/) },
  ]);
});

it('doctor notes an API that is not in the plan, and fails when there is no other', async () => {
  const { simulator, run } = await serveBoth({ monitors: 1, searchMonitors: 2 });
  const key = async () => {
    const { exitCode, stdout } = await run('doctor', '--json');
    const { checks }: { checks: { name: string }[] } = JSON.parse(stdout);
    return [exitCode, checks.find(({ name }) => name === 'key')];
  };
  expect(await key()).toMatchObject([
    0,
    { state: 'ok', detail: 'the API answers; this account has 1 monitor (websets) and 2 monitors (search)' },
  ]);
  simulator.setFaults(({ api }) => (api === 'websets' ? { kind: 'refuse', because: 'plan' } : null));
  expect(await key()).toMatchObject([
    0,
    {
      state: 'warning',
      detail: expect.stringMatching(/^the API answers; this account has 2 monitors \(search\); .*the plan/),
      advice: 'nothing; EXA_APIS=search stops asking for it',
    },
  ]);
  simulator.setFaults(() => ({ kind: 'refuse', because: 'plan' }));
  expect(await key()).toMatchObject([1, { state: 'failed' }]);
});

it('a dry run and a verification write nothing, not even the name of a source that is new', async () => {
  const { database, run } = await serveBoth({ monitors: 1, searchMonitors: 1 });
  expect((await run('migrate')).exitCode).toBe(0);
  expect((await run('sync', '--dry-run')).exitCode).toBe(0);
  // The warehouse lacks what the API has.
  expect((await run('verify')).exitCode).toBe(1);
  const sources = await database.sql`select account, api, readable_at from sync_sources`;
  expect([...sources]).toEqual([{ account: 'default', api: 'websets', readable_at: null }]);
});

it('the key of another team is refused before anything is written', async () => {
  const { account, simulator, database, environment, run } = await serveBoth();
  expect((await run('sync')).exitCode).toBe(0);
  account.team = { id: 'team_2', name: 'Others' };
  simulator.requests.reset();
  // With the key that was asked about, nothing is asked again.
  expect((await run('sync')).exitCode).toBe(0);
  expect(simulator.requests.counts.byEndpoint.team).toBe(0);
  simulator.requests.reset();
  const other = await startSimulator({ account, apiKey: 'another-key-4711' });
  onTestFinished(() => other.close());
  const { exitCode, stdout, stderr } = await runCommand(['sync', '--json'], {
    environment: { ...environment, EXA_API_KEY: 'another-key-4711', EXA_BASE_URL: other.url },
  });
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toContain(
    'EXA_API_KEY: belongs to the team "Others" (team_2), but what is stored as account "default" belongs to the team "Simulated team" (team_1)',
  );
  expect(other.requests.total).toBe(1);
  const [{ cycles }] = await database.sql<
    [{ cycles: number }]
  >`select count(*)::int as cycles from sync_cycles`;
  expect(cycles).toBe(2);
});

it('one API alone is read when it is named', async () => {
  const { simulator, environment } = await serveBoth();
  const options = { environment: { ...environment, EXA_APIS: 'search' } };
  const { stdout } = await runCommand(['sync', '--json'], options);
  expect(parseSummary(stdout)).toMatchObject({ monitors: { seen: 5 }, runs: { inserted: 1250 } });
  expect(simulator.requests.counts.byApi.websets).toBe(simulator.requests.counts.byEndpoint.team);
  const wrong = await runCommand(['sync'], { environment: { ...environment, EXA_APIS: 'search,agent' } });
  expect([wrong.exitCode, wrong.stderr]).toEqual([
    2,
    expect.stringContaining('EXA_APIS: expected one or more of websets, search, separated by commas'),
  ]);
});

it('a monitor that is named is verified where it is, and missing only where neither API lists it', async () => {
  const { account, run } = await serveBoth({ monitors: 1, searchMonitors: 1 });
  expect((await run('sync')).exitCode).toBe(0);
  const [named = ''] = account.search.monitorIds();
  const there = await run('verify', '--json', '--monitor', named);
  expect([there.exitCode, JSON.parse(there.stdout)]).toMatchObject([0, { equal: true, findings: [] }]);
  const nowhere = await run('verify', '--json', '--monitor', 'nowhere');
  expect([nowhere.exitCode, JSON.parse(nowhere.stdout)]).toMatchObject([
    1,
    { equal: false, monitorsFailed: 1, findings: [{ monitorId: 'nowhere' }] },
  ]);
});

import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { runCommand } from './command-line.ts';
import { serveAccount, type ServedAccount } from './served-account.ts';
import { createManualClock } from '../../src/simulator/state/clock.ts';
import { createSimulatedAccount } from '../../src/simulator/account/account.ts';
import { startSimulator } from '../../src/simulator/http/server.ts';

const findingsSchema = z.strictObject({
  ok: z.boolean(),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      state: z.enum(['ok', 'warning', 'failed', 'skipped']),
      detail: z.string(),
      advice: z.string().nullable(),
    }),
  ),
});

/** What doctor finds: its exit code, and each check by its name. */
async function examine(environment: Readonly<Record<string, string>>) {
  const { exitCode, stdout, stderr } = await runCommand(['doctor', '--json'], { environment });
  const { checks, ok } = findingsSchema.parse(JSON.parse(stdout));
  const states = Object.fromEntries(checks.map(({ name, state }) => [name, state]));
  const details = Object.fromEntries(checks.map(({ name, detail }) => [name, detail]));
  return { exitCode, ok, states, details, text: stdout + stderr };
}

async function serveMigrated(): Promise<ServedAccount & { environment: Record<string, string> }> {
  const served = await serveAccount({ monitors: 2, runsPerMonitor: 1 });
  await runCommand(['migrate'], served);
  return { ...served, environment: { ...served.environment, EXA_REQUESTS_PER_SECOND: '5' } };
}

const allOk = {
  configuration: 'ok',
  key: 'ok',
  clock: 'ok',
  database: 'ok',
  connections: 'ok',
  encryption: 'ok',
  rights: 'ok',
  others: 'ok',
  migrations: 'ok',
  schema: 'ok',
  summaries: 'ok',
  numbers: 'ok',
  rate: 'ok',
};

test('a sound installation is ok in every line, at the price of one request', async () => {
  const { environment, simulator } = await serveMigrated();

  expect(await examine(environment)).toMatchObject({ exitCode: 0, ok: true, states: allOk });
  expect(simulator.requests.total).toBe(1);
  const { stdout } = await runCommand(['doctor'], { environment });
  expect(stdout).toContain('ok    key            the API answers; this account has 2 monitors');
});

test('an empty database is ready to be migrated, and stays empty', async () => {
  const served = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
  const { exitCode, states, details } = await examine(served.environment);

  expect(exitCode).toBe(0);
  expect(states).toEqual({
    ...allOk,
    migrations: 'warning',
    schema: 'skipped',
    summaries: 'skipped',
    numbers: 'skipped',
    rate: 'warning',
  });
  expect(details['migrations']).toMatch(/^pending: 0000_warehouse_tables/);
  expect(await served.database.sql`select from pg_tables where schemaname = 'public'`).toHaveLength(0);
});

test('a wrong key and a changed schema are failures with advice, and the key is not shown', async () => {
  const served = await serveMigrated();
  await served.database
    .sql`alter table monitor_runs alter column status drop not null, drop column failed_reason cascade`;
  await served.database.sql`drop index monitor_runs_open_idx`;
  await served.database.sql`alter table monitors add column our_own text`;
  const key = 'wrong-key-that-nobody-may-see';
  const { exitCode, states, details, text } = await examine({ ...served.environment, EXA_API_KEY: key });

  expect(exitCode).toBe(1);
  expect(states).toEqual({
    ...allOk,
    key: 'failed',
    schema: 'failed',
    summaries: 'skipped',
    numbers: 'skipped',
  });
  expect(details['key']).toContain('401');
  expect(details['schema']).toBe(
    'monitor_runs.status may be null; monitor_runs.failed_reason is missing; index monitor_runs_open_idx is missing',
  );
  expect(text).not.toContain(key);
});

test('rights that the role lacks are named', async () => {
  const served = await serveMigrated();
  const role = `reader_${served.database.name}`;
  const admin = served.database.sql;
  await admin`create role ${admin(role)} login password 'pw'`;
  await admin`grant select on all tables in schema public to ${admin(role)}`;
  await admin`grant insert, update on monitors, sync_checkpoints, rejected_runs, sync_sources, sync_cycle_sources, monitor_run_outputs,
    monitor_run_summaries, monitor_changes, monitor_schedules, sync_accounts, sync_incidents to ${admin(role)}`;
  await admin`grant delete on sync_incidents to ${admin(role)}`;
  await admin`grant insert, delete on missed_runs to ${admin(role)}`;
  onTestFinished(async () => {
    await admin`drop owned by ${admin(role)}`.catch(() => undefined);
    await admin`drop role ${admin(role)}`.catch(() => undefined);
  });
  const url = new URL(served.database.url);
  url.username = role;
  url.password = 'pw';
  const { exitCode, states, details } = await examine({ ...served.environment, DATABASE_URL: url.href });

  expect(exitCode).toBe(1);
  expect(states).toEqual({ ...allOk, rights: 'failed', numbers: 'skipped' });
  expect(details['rights']).toBe(
    'missing: insert on monitor_runs, update on monitor_runs, insert on monitor_run_results, update on monitor_run_results, delete on monitor_run_results, insert on monitor_run_status_changes, update on missed_runs, insert on sync_cycles, update on sync_cycles, delete on sync_cycles, lock on sync_lock, delete on rejected_runs, update on sequence sync_cycles_id_seq',
  );
});

test('a role without any rights and an API that does not answer: what cannot be told says what it needs', async () => {
  const served = await serveMigrated();
  const role = `stranger_${served.database.name}`;
  const admin = served.database.sql;
  await admin`create role ${admin(role)} login password 'pw'`;
  onTestFinished(async () => {
    await admin`drop role ${admin(role)}`.catch(() => undefined);
  });
  const url = new URL(served.database.url);
  url.username = role;
  url.password = 'pw';
  const { exitCode, states, details } = await examine({
    ...served.environment,
    DATABASE_URL: url.href,
    EXA_BASE_URL: 'http://127.0.0.1:1',
  });

  expect(exitCode).toBe(1);
  expect(states).toEqual({
    ...allOk,
    key: 'failed',
    clock: 'skipped',
    rights: 'failed',
    migrations: 'skipped',
    schema: 'skipped',
    summaries: 'skipped',
    numbers: 'skipped',
  });
  expect(details['clock']).toBe('needs an answer of the API');
  expect(details['migrations']).toBe('needs the rights');
});

test('what the catalog of rights does not say is found by trying: read-only transactions, hidden rows, too few connections', async () => {
  const served = await serveMigrated();
  const { sql, name, url } = served.database;
  const role = `limited_${name}`;
  await sql`create role ${sql(role)} login password 'pw' connection limit 2`;
  await sql`grant all on all tables in schema public to ${sql(role)}`;
  await sql`grant all on all sequences in schema public to ${sql(role)}`;
  await sql`alter table monitor_runs enable row level security`;
  onTestFinished(async () => {
    await sql`drop owned by ${sql(role)}`;
    await sql`drop role ${sql(role)}`;
  });
  const asRole = new URL(url);
  asRole.username = role;
  asRole.password = 'pw';
  const environment = { ...served.environment, DATABASE_URL: asRole.href };
  const hidden = await examine(environment);
  expect(hidden.states).toMatchObject({ rights: 'failed', connections: 'failed' });
  expect(hidden.details['rights']).toBe(`row-level security hides rows of monitor_runs from ${role}`);
  expect(hidden.details['connections']).toBe('2 to be had');

  await sql`alter role ${sql(role)} set default_transaction_read_only = on`;
  const readOnly = await examine(environment);
  expect(readOnly.details['rights']).toBe('transactions are read-only here');
});

test('a schema that others may create objects in is a failure, and so is what they have made there', async () => {
  const served = await serveMigrated();
  const role = `Mallory ${served.database.name}`;
  const admin = served.database.sql;
  await admin`create role ${admin(role)}`;
  await admin`grant create on schema public to ${admin(role)}, public`;
  onTestFinished(async () => {
    await admin`drop owned by ${admin(role)}`;
    await admin`drop role ${admin(role)}`;
  });
  const open = await examine(served.environment);
  expect(open.exitCode).toBe(1);
  expect(open.states).toEqual({ ...allOk, others: 'failed' });
  expect(open.details['others']).toBe(`may create objects in schema public: "${role}"; everybody`);

  await admin.begin(async (tx) => {
    await tx`set local role ${tx(role)}`;
    await tx`create function public.remainder(bigint, integer) returns bigint language sql return 0`;
    await tx`create operator public.% (function = public.remainder, leftarg = bigint, rightarg = integer)`;
  });
  const used = await examine(served.environment);
  expect(used.details['others']).toBe(
    `would run in place of Postgres' own: operator %(bigint,integer) of role ${role}`,
  );
  await admin`delete from schema_migrations where created_at = (select max(created_at) from schema_migrations)`;
  const migrated = await runCommand(['migrate'], served);
  expect(migrated).toMatchObject({ exitCode: 1, stdout: '' });
  expect(migrated.stderr).toContain(`operator %(bigint,integer) of role ${role}`);
});

test('numbers of cycles that have begun anew are noted, and the next sync goes on beyond them and says so', async () => {
  const served = await serveMigrated();
  for (let cycle = 0; cycle < 2; cycle += 1) await runCommand(['sync'], served);
  await served.database.sql`truncate sync_cycles restart identity`;
  const rewound = await examine(served.environment);
  expect(rewound).toMatchObject({ exitCode: 0, states: { numbers: 'warning' } });
  expect(rewound.details['numbers']).toContain('the next would be 1,');

  const { exitCode, stderr } = await runCommand(['sync'], served);
  expect(exitCode).toBe(0);
  expect(stderr).toContain('the numbers of cycles had begun anew');
  expect((await examine(served.environment)).states).toMatchObject({ numbers: 'ok' });
});

test('the lock of cycles is tried while a cycle has it, and no cycle is kept from it', async () => {
  const served = await serveMigrated();
  await served.database.sql.begin(async (tx) => {
    await tx`lock table sync_lock in share row exclusive mode`;
    expect((await examine(served.environment)).states).toEqual(allOk);
  });
});

test('a clock that is wrong fails', async () => {
  const { environment } = await serveMigrated();
  const clock = createManualClock(Date.now() + 10 * 60_000);
  const apiKey = 'key-of-the-other-account';
  const simulator = await startSimulator({
    account: createSimulatedAccount({ clock }),
    apiKey,
    dateHeader: 'account',
  });
  onTestFinished(() => simulator.close());
  const { exitCode, states, details } = await examine({
    ...environment,
    EXA_API_KEY: apiKey,
    EXA_BASE_URL: simulator.url,
  });

  expect(exitCode).toBe(1);
  expect(states).toEqual({ ...allOk, clock: 'failed' });
  expect(details['clock']).toMatch(/^(59\d|60\d) s behind the API's clock$/);
});

test('without a database and a key the other lines are still told', async () => {
  const { exitCode, states } = await examine({ DATABASE_URL: 'postgres://nobody:pw@127.0.0.1:1/none' });

  expect(exitCode).toBe(1);
  expect(states).toEqual({
    ...allOk,
    key: 'failed',
    clock: 'skipped',
    database: 'failed',
    connections: 'skipped',
    encryption: 'skipped',
    rights: 'skipped',
    others: 'skipped',
    migrations: 'skipped',
    schema: 'skipped',
    summaries: 'skipped',
    numbers: 'skipped',
  });
});

test('mistakes in the configuration are lines of their own', async () => {
  const { exitCode, stdout } = await runCommand(['doctor', '--json'], {
    environment: { SYNC_CRON: 'never', HTTP_PORT: 'x' },
  });
  const { checks } = findingsSchema.parse(JSON.parse(stdout));

  expect(exitCode).toBe(1);
  expect(checks.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'configuration failed',
    'configuration failed',
    'everything else skipped',
  ]);
});

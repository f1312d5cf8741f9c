import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createTestDatabase } from '../postgres/database.ts';
import { runCommand } from './command-line.ts';
import { serveAccount } from './served-account.ts';

vi.setConfig({ testTimeout: 120_000 });

it('makes a role that a BI tool can read with, and says so without its password', async () => {
  const { name, sql, url } = await createTestDatabase();
  const role = `bi_${randomBytes(4).toString('hex')}`;
  onTestFinished(async () => {
    await sql`drop owned by ${sql(role)}`;
    await sql`drop role ${sql(role)}`;
  });
  const againstTemporaryTables = `revoke temporary on database ${name} from public`;
  const environment = { DATABASE_URL: url, READ_ONLY_PASSWORD: 'open sesame' };
  const made = await runCommand(['grant-read-only', role], { environment });
  expect(made).toEqual({
    exitCode: 0,
    stderr: '',
    stdout: `Made role ${role}: it reads the tables and views of schema public; its password is READ_ONLY_PASSWORD.
It can make temporary tables, as everybody in this database can. To take that from all of them: ${againstTemporaryTables};
`,
  });
  const reader = postgres(url, { username: role, password: 'open sesame', max: 1 });
  onTestFinished(() => reader.end());
  expect(await reader`select from monitor_health`).toHaveLength(0);

  const again = await runCommand(['grant-read-only', role, '--json'], { environment: { DATABASE_URL: url } });
  expect(JSON.parse(again.stdout)).toEqual({
    role,
    created: false,
    schema: 'public',
    againstTemporaryTables,
  });
});

it('makes a role that the reading commands of the tool can run as', async () => {
  const { environment, database } = await serveAccount({ monitors: 2, runsPerMonitor: 2 });
  const role = `bi_${randomBytes(4).toString('hex')}`;
  onTestFinished(async () => {
    await database.sql`drop owned by ${database.sql(role)}`;
    await database.sql`drop role ${database.sql(role)}`;
  });
  await runCommand(['sync'], { environment });
  await runCommand(['grant-read-only', role], { environment: { ...environment, READ_ONLY_PASSWORD: 'pw' } });
  const url = new URL(database.url);
  url.username = role;
  url.password = 'pw';
  const asReader = { environment: { ...environment, DATABASE_URL: url.href } };
  const commands = [
    ['status', '--json'],
    ['report', '--out', 'report.html'],
    ['export', 'monitor_health', '--format', 'csv'],
  ];
  for (const command of commands) {
    const { exitCode, stderr } = await runCommand(command, asReader);
    expect({ command, exitCode, stderr }).toMatchObject({ command, exitCode: 0 });
  }
  expect((await runCommand(['sync'], asReader)).exitCode).toBe(1);
});

it('prints what a person may run for a role that is of others, and does nothing', async () => {
  const { sql, url } = await createTestDatabase();
  const role = `theirs_${randomBytes(4).toString('hex')}`;
  await sql`create role ${sql(role)}`;
  await sql`create table theirs ()`;
  await sql`grant select on theirs to ${sql(role)}`;
  onTestFinished(async () => {
    await sql`drop owned by ${sql(role)}`;
    await sql`drop role ${sql(role)}`;
  });
  const { exitCode, stdout, stderr } = await runCommand(['grant-read-only', role], {
    environment: { DATABASE_URL: url },
  });
  expect(exitCode).toBe(1);
  expect(stderr).toContain('was not made by grant-read-only');
  expect(stdout).toContain(`grant usage on schema public to "${role}";`);
  await sql.unsafe(stdout);
  const [may] = await sql`select has_table_privilege(${role}, 'monitor_health', 'select') as read`;
  expect(may).toEqual({ read: true });
});

it('refuses a role of the server itself', async () => {
  const refused = await runCommand(['grant-read-only', 'pg_monitor']);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain('does not start with pg_');
});

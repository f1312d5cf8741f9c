import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createTestDatabase } from '../postgres/database.ts';
import { runCommand } from './command-line.ts';

vi.setConfig({ testTimeout: 60_000 });

it('makes a role that a BI tool can read with, and says so without its password', async () => {
  const { sql, url } = await createTestDatabase();
  const role = `bi_${randomBytes(4).toString('hex')}`;
  onTestFinished(async () => {
    await sql`drop owned by ${sql(role)}`;
    await sql`drop role ${sql(role)}`;
  });
  const environment = { DATABASE_URL: url, READ_ONLY_PASSWORD: 'open sesame' };
  const made = await runCommand(['grant-read-only', role], { environment });
  expect(made).toEqual({
    exitCode: 0,
    stderr: '',
    stdout: `Made role ${role}: it reads the tables and views of schema public; its password is READ_ONLY_PASSWORD.\n`,
  });
  const reader = postgres(url, { username: role, password: 'open sesame', max: 1 });
  onTestFinished(() => reader.end());
  expect(await reader`select from monitor_health`).toHaveLength(0);

  const again = await runCommand(['grant-read-only', role, '--json'], { environment: { DATABASE_URL: url } });
  expect(JSON.parse(again.stdout)).toEqual({ role, created: false, schema: 'public' });
});

it('refuses a role of the server itself', async () => {
  const refused = await runCommand(['grant-read-only', 'pg_monitor']);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain('does not start with pg_');
});

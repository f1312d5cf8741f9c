import { readdir } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '../postgres/database.ts';
import { linesOf, runCommand, startCommand } from './command-line.ts';

// Each command is a process of its own: on a busy machine several of them take a while.
vi.setConfig({ testTimeout: 60_000 });

const report = z.strictObject({ applied: z.array(z.string()) });

async function allMigrations(): Promise<readonly string[]> {
  const files = await readdir(new URL('../../migrations', import.meta.url));
  return files
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.replace('.sql', ''))
    .toSorted();
}

function asRole(databaseUrl: string, role: string): { DATABASE_URL: string } {
  const url = new URL(databaseUrl);
  url.username = role;
  url.password = 'role/4711';
  return { DATABASE_URL: url.href };
}

describe('migrate', () => {
  it.each([null, 'Exa "runs"'])(
    'lets eight processes migrate an empty database at once, each migration once (schema %j)',
    async (schema) => {
      const { sql, url } = await createTestDatabase('empty');
      const environment = { DATABASE_URL: url, ...(schema === null ? {} : { DATABASE_SCHEMA: schema }) };
      const started = await Promise.all(
        Array.from({ length: 8 }, () => startCommand(['migrate', '--json'], { environment })),
      );
      const ended = await Promise.all(started.map((command) => command.ended));
      const failed = ended.filter(({ exitCode }) => exitCode !== 0);
      expect(failed.map(({ stderr }) => stderr)).toEqual([]);
      const applied = ended.flatMap(({ stdout }) => report.parse(JSON.parse(stdout)).applied);
      expect(applied.toSorted()).toEqual(await allMigrations());
      const rows = await sql.unsafe(
        `select from "${(schema ?? 'public').replaceAll('"', '""')}".schema_migrations`,
      );
      expect(rows).toHaveLength(applied.length);
    },
  );

  it('refuses a warehouse of a newer version, as sync does, and leaves it alone; what reads says so and goes on', async () => {
    const { sql, url } = await createTestDatabase();
    const environment = { DATABASE_URL: url, EXA_API_KEY: 'never-used-4711' };
    await sql`insert into schema_migrations (hash, created_at) values ('of-the-future', 4102444800000)`;
    for (const command of ['migrate', 'sync']) {
      const { exitCode, stdout, stderr } = await runCommand([command], { environment });
      expect({ command, exitCode, stdout }).toEqual({ command, exitCode: 1, stdout: '' });
      expect(linesOf(stderr).slice(-1)).toEqual([
        'this warehouse was migrated by a newer version of exa-monitor-sync: update this installation',
      ]);
    }
    expect(await sql`select id from sync_cycles`).toHaveLength(0);
    const status = await runCommand(['status'], { environment });
    expect(status).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('0 monitors') });
    expect(status.stderr).toContain('migrated by a newer version of exa-monitor-sync: what this one knows');
  });

  it('says in one line which right a role lacks, and needs none on a warehouse that is up to date', async () => {
    const [empty, migrated] = [await createTestDatabase('empty'), await createTestDatabase()];
    const role = `${empty.name}_reader`;
    await empty.sql.unsafe(`create role ${role} login password 'role/4711'`);
    await empty.sql.unsafe('revoke create on schema public from public');
    await migrated.sql.unsafe(`grant select on schema_migrations to ${role}`);
    const refused = await runCommand(['migrate'], { environment: asRole(empty.url, role) });
    expect(refused.exitCode).toBe(1);
    expect(linesOf(refused.stderr).slice(1)).toEqual([
      expect.stringMatching(/^DATABASE_URL: .*permission denied for schema public \(42501\)/),
    ]);
    const done = await runCommand(['migrate'], { environment: asRole(migrated.url, role) });
    expect(done).toMatchObject({ exitCode: 0, stdout: 'Nothing to apply: the warehouse is up to date.\n' });
    await migrated.sql.unsafe(`drop owned by ${role}`);
    await empty.sql.unsafe(`drop owned by ${role}; drop role ${role}`);
  });

  it('needs no right to create schemas when the one that DATABASE_SCHEMA names is there', async () => {
    const { sql, url: adminUrl, name } = await createTestDatabase('empty');
    const role = `${name}_owner`;
    await sql.unsafe(`create role ${role} login password 'role/4711'`);
    await sql.unsafe(`create schema "made by hand" authorization ${role}`);
    const environment = { ...asRole(adminUrl, role), DATABASE_SCHEMA: 'made by hand' };
    const { exitCode, stderr } = await runCommand(['migrate'], { environment });
    expect(stderr).not.toContain('permission denied');
    expect(exitCode).toBe(0);
    await sql.unsafe(`drop owned by ${role} cascade; drop role ${role}`);
  });
});

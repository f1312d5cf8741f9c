import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { linesOf, makeDirectory, runCommand, startCommand } from './command-line.ts';
import { apiKey, countRuns, serveAccount } from './served-account.ts';

// Each command is a process of its own: on a busy machine several of them take a while.
vi.setConfig({ testTimeout: 180_000 });

async function storedSources(served: Awaited<ReturnType<typeof serveAccount>>) {
  const rows = await served.database.sql<{ account: string; api: string; monitors: number }[]>`
    select account, api, (select count(*)::int from monitors where source_id = sync_sources.id) as monitors
    from sync_sources order by id`;
  return rows.map(({ account, api, monitors }) => `${account} ${api} ${monitors}`);
}

test('both APIs of an account are read, and what is there of them is stored', async () => {
  const served = await serveAccount({ monitors: 2, runsPerMonitor: 3 });
  const environment = { ...served.environment, EXA_APIS: 'websets,search' };
  const { exitCode, stderr } = await runCommand(['sync'], { environment });

  expect({ exitCode, stderr: linesOf(stderr).at(-1) }).toMatchObject({ exitCode: 0 });
  expect(await storedSources(served)).toEqual(['default websets 2', 'default search 0']);
  expect(await countRuns(served)).toBe(6);
});

test('an account whose key is refused keeps no other from being read, and is named by its variable', async () => {
  const served = await serveAccount({ monitors: 2, runsPerMonitor: 3 });
  const environment = { ...served.environment, EXA_API_KEY_EU: 'key-of-nobody-4711' };
  const both = await runCommand(['sync', '--json'], { environment });

  expect(both.exitCode).toBe(3);
  expect(both.stdout + both.stderr).toContain('EXA_API_KEY_EU');
  expect(both.stdout + both.stderr).not.toContain('key-of-nobody-4711');
  expect(await countRuns(served)).toBe(6);
  const one = await runCommand(['sync', '--account', 'default'], { environment });
  expect(one.exitCode).toBe(0);
  const none = await runCommand(['sync', '--account', 'us'], { environment });
  expect(none.exitCode).toBe(1);
  expect(linesOf(none.stderr).at(-1)).toBe('--account: there is no account us, only default, eu');
});

test('one key under two names is refused before anything is read', async () => {
  const served = await serveAccount({ monitors: 2, runsPerMonitor: 3 });
  const environment = { ...served.environment, EXA_API_KEY_EU: apiKey };
  const { exitCode, stderr } = await runCommand(['sync'], { environment });

  expect({ exitCode, stderr: linesOf(stderr).at(-1) }).toEqual({
    exitCode: 2,
    stderr: 'EXA_API_KEY_EU: is the key of EXA_API_KEY: account "eu" needs a key of its own team, or no name',
  });
  expect(await storedSources(served)).toEqual(['default websets 0']);
});

test('a service takes a key from its file anew for each cycle, and says it nowhere', async () => {
  const served = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
  const directory = await makeDirectory();
  const file = join(directory, 'exa-key');
  await writeFile(file, `${apiKey}\n`);
  const { EXA_API_KEY: _, ...others } = served.environment;
  const environment = {
    ...others,
    EXA_API_KEY_FILE: file,
    SYNC_CRON: '* * * * * *',
    SYNC_JITTER_SECONDS: '0',
    HTTP_PORT: '0',
  };
  const { child, ended } = await startCommand(['schedule'], { environment, directory });
  const cycles = async (status: string): Promise<number> => {
    const rows = await served.database.sql`select from sync_cycles where status = ${status}`.catch(() => []);
    return rows.length;
  };
  while ((await cycles('succeeded')) === 0 && child.exitCode === null) await pause(50);
  await writeFile(file, 'another-key-4711\n');
  while ((await cycles('failed')) === 0 && child.exitCode === null) await pause(50);
  child.kill('SIGTERM');
  const { exitCode, stderr } = await ended;

  expect(exitCode).toBe(143);
  expect(stderr).toContain('401');
  for (const secret of [apiKey, 'another-key-4711']) expect(stderr).not.toContain(secret);
});

test('a service takes a database URL from its file anew: a password that was changed costs no restart', async () => {
  const served = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
  const { sql, url } = served.database;
  const role = `rotated_${served.database.name}`;
  await sql`create role ${sql(role)} login password 'first-4711'`;
  await sql`alter database ${sql(served.database.name)} owner to ${sql(role)}`;
  await sql`grant create, usage on schema public to ${sql(role)}`;
  const urlWith = (password: string): string => {
    const changed = new URL(url);
    changed.username = role;
    changed.password = password;
    return changed.href;
  };
  const directory = await makeDirectory();
  const file = join(directory, 'database-url');
  await writeFile(file, urlWith('first-4711'));
  const { DATABASE_URL: _, ...others } = served.environment;
  const environment = {
    ...others,
    DATABASE_URL_FILE: file,
    SYNC_CRON: '* * * * * *',
    SYNC_JITTER_SECONDS: '0',
    HTTP_PORT: '0',
  };
  const { child, ended } = await startCommand(['schedule'], { environment, directory });
  const succeeded = async (): Promise<number> => {
    const rows = await sql`select from sync_cycles where status = 'succeeded'`.catch(() => []);
    return rows.length;
  };
  const untilMoreThan = async (count: number): Promise<void> => {
    while ((await succeeded()) <= count && child.exitCode === null) await pause(50);
  };
  await untilMoreThan(0);
  await writeFile(file, urlWith('second-4711'));
  await sql`alter role ${sql(role)} password 'second-4711'`;
  await untilMoreThan(await succeeded());
  child.kill('SIGTERM');
  const { exitCode, stderr } = await ended;

  expect(exitCode).toBe(143);
  for (const secret of ['first-4711', 'second-4711']) expect(stderr).not.toContain(secret);
  await sql`reassign owned by ${sql(role)} to current_user`;
  await sql`drop owned by ${sql(role)}`;
  await sql`drop role ${sql(role)}`;
});

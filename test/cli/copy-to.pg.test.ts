/** Moving a warehouse from the embedded Postgres to a server and back, and putting it back from a copy of its directory. */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { createDataDirectory, dataDirectoryOfTest, removeDataDirectory } from '../embedded/data-directory.ts';
import { linesOf, runCommand, type Ended } from './command-line.ts';
import { parseSummary, serveAccount } from './served-account.ts';

// Each command is a process of its own, and some make the files of a server: on a busy machine that takes a while.
vi.setConfig({ testTimeout: 240_000 });

const anyPort = { EMBEDDED_POSTGRES_PORT: '0' };

async function expectIdle(sync: Promise<Ended>): Promise<void> {
  const { exitCode, stdout, stderr } = await sync;
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(parseSummary(stdout)).toMatchObject({
    status: 'succeeded',
    monitors: { seen: 3, walked: 0 },
    runs: { inserted: 0, updated: 0 },
    requests: 1,
  });
}

test('from the embedded Postgres to a server and back: the next sync there is idle, and all is equal', async () => {
  const served = await serveAccount({ monitors: 3, runsPerMonitor: 30 });
  const { DATABASE_URL: server = '', ...others } = served.environment;
  const here = { ...others, ...anyPort, EMBEDDED_POSTGRES_DIRECTORY: await dataDirectoryOfTest() };
  expect((await runCommand(['sync'], { environment: here })).exitCode).toBe(0);
  const toServer = { environment: { ...here, COPY_TO_URL: server } };
  const copied = await runCommand(['copy-to', '--json'], toServer);
  expect(copied).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(copied.stdout)).toMatchObject({
    rows: { monitors: 3, monitor_runs: 90, sync_cycles: 1, sync_checkpoints: 3 },
  });

  await expectIdle(runCommand(['sync', '--json'], served));
  const again = await runCommand(['copy-to'], toServer);
  expect(again.exitCode).toBe(1);
  expect(linesOf(again.stderr).at(-1)).toMatch(/there is data already, in /);
  const there = { ...others, ...anyPort, EMBEDDED_POSTGRES_DIRECTORY: await dataDirectoryOfTest() };
  const back = { ...there, DATABASE_URL: server };
  const returned = await runCommand(['copy-to', 'embedded'], { environment: back });
  expect(returned.exitCode).toBe(0);
  expect(returned.stdout).toContain('  monitor_runs  90\n');
  await expectIdle(runCommand(['sync', '--json'], { environment: there }));
  const verified = await runCommand(['verify', '--json'], { environment: there });
  expect(JSON.parse(verified.stdout)).toMatchObject({ equal: true, runsCompared: 90 });
});

test('a copy of the directory, made while no command ran, is a backup of the embedded Postgres', async () => {
  const served = await serveAccount({ monitors: 3, runsPerMonitor: 10 });
  const { DATABASE_URL: _, ...others } = served.environment;
  const directory = await dataDirectoryOfTest();
  const environment = { ...others, ...anyPort, EMBEDDED_POSTGRES_DIRECTORY: directory };
  expect((await runCommand(['sync'], { environment })).exitCode).toBe(0);
  const backup = await createDataDirectory();
  await rm(backup, { recursive: true });
  // With owners and times, as an administrator would.
  await promisify(execFile)('cp', ['-a', directory, backup]);
  await removeDataDirectory(directory);
  const lost = await runCommand(['status'], { environment });
  expect(lost.exitCode).toBe(1);

  const restored = { ...environment, EMBEDDED_POSTGRES_DIRECTORY: backup };
  try {
    await expectIdle(runCommand(['sync', '--json'], { environment: restored }));
  } finally {
    await removeDataDirectory(backup);
  }
});

test('what copy-to lacks is one line that names the setting', async () => {
  const served = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
  await runCommand(['migrate'], served);
  const { DATABASE_URL: url = '', ...withoutUrl } = served.environment;
  const absent = url.replace(/\/[^/]*$/, '/no_such_database');
  const cases: [readonly string[], Readonly<Record<string, string>>, number, RegExp][] = [
    [[], served.environment, 2, /^COPY_TO_URL: not set, and copy-to needs it/],
    [
      ['embedded'],
      withoutUrl,
      2,
      /^DATABASE_URL: not set, so the warehouse is in the embedded Postgres already$/,
    ],
    [[], { ...served.environment, COPY_TO_URL: 'mysql://x' }, 2, /^COPY_TO_URL: expected /],
    [
      [],
      { ...served.environment, COPY_TO_URL: absent },
      1,
      /COPY_TO_URL: .* has no database "no_such_database"$/,
    ],
  ];
  for (const [argv, environment, expected, line] of cases) {
    const { exitCode, stderr } = await runCommand(['copy-to', ...argv], { environment });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: expected });
    expect(linesOf(stderr)).toEqual([expect.stringMatching(line)]);
  }
});

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  EmbeddedPortTakenError,
  EmbeddedPostgresError,
  ForeignDataDirectoryError,
  PostgresVersionError,
} from '../../src/embedded/embedded-postgres-error.ts';
import { makeDirectory } from '../../src/embedded/place/make-directory.ts';
import { isRoot } from '../../src/embedded/place/server-account.ts';
import {
  createDataDirectory,
  dataDirectoryOfTest,
  filesIn,
  removeDataDirectory,
  serverPid,
  use,
} from './data-directory.ts';

let directory: string;

beforeAll(async () => {
  directory = await createDataDirectory();
});

afterAll(async () => {
  await removeDataDirectory(directory);
});

async function refusalOf(using: Promise<unknown>): Promise<Error> {
  const error: unknown = await using.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('was not refused');
  expect(error.message).not.toContain('\n');
  return error;
}

test('a port that is taken is refused with the name of the setting', async () => {
  const taker = createServer().listen(0, '127.0.0.1');
  await once(taker, 'listening');
  onTestFinished(() => {
    taker.close();
  });
  const address = taker.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  const error = await refusalOf(use(directory, { port }));
  expect(error).toBeInstanceOf(EmbeddedPortTakenError);
  expect(error.message).toMatch(new RegExp(`port ${port} .*EMBEDDED_POSTGRES_PORT`));
  expect(await serverPid(directory)).toBeNull();
});

test('a server that runs is used on its own port, whatever port was asked for', async () => {
  const running = await use(directory);

  expect(await use(directory, { port: 1 })).toMatchObject({ port: running.port, startedByUs: false });
});

test('data of another user are refused', async () => {
  const foreign = await dataDirectoryOfTest();
  // Only root can give files away; for others, there is a directory of root's.
  if (isRoot()) {
    await mkdir(filesIn(foreign), { recursive: true });
    await chown(join(foreign, 'cluster'), 54_321, 54_321);
  } else {
    await symlink('/', join(foreign, 'cluster'));
  }

  const error = await refusalOf(use(foreign));
  expect(error).toBeInstanceOf(ForeignDataDirectoryError);
  expect(error.message).toContain('DATABASE_URL');
});

test('data of another major version are refused and stay as they are', async () => {
  await (await use(directory)).release();
  await writeFile(join(filesIn(directory), 'PG_VERSION'), '14\n');

  const error = await refusalOf(use(directory));
  await writeFile(join(filesIn(directory), 'PG_VERSION'), '18\n');
  expect(error).toBeInstanceOf(PostgresVersionError);
  expect(error.message).toMatch(/Postgres 14 .*DATABASE_URL/);
});

test('a data directory that is a file is refused', async () => {
  const parent = await dataDirectoryOfTest();
  await writeFile(join(parent, 'data'), '');

  const error = await refusalOf(use(join(parent, 'data')));
  expect(error).toBeInstanceOf(EmbeddedPostgresError);
  expect(error.message).toContain('DATABASE_URL');
});

test.runIf(process.platform === 'linux')(
  'a data directory where nobody can make one is refused',
  async () => {
    const error = await refusalOf(use('/proc/nobody/data'));
    expect(error).toBeInstanceOf(EmbeddedPostgresError);
    expect(error.message).toMatch(
      /^cannot keep the embedded Postgres in \/proc\/nobody\/data .*DATABASE_URL$/,
    );
  },
);

test('a data directory several levels below what is there is made by several commands at once', async () => {
  const parent = await dataDirectoryOfTest();
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const wanted = join(parent, String(attempt), 'a', 'b', 'c');
    const levels = [wanted, join(wanted, '..'), join(wanted, '..', '..'), join(wanted, 'd')];
    await Promise.all([...levels, ...levels].map(makeDirectory));
    expect(await readdir(wanted)).toEqual(['d']);
  }
});

/** As a user who may not write there; root may write everywhere and steps down once its code is loaded. */
const placeAsStranger = `
  const { placeData } = await import(${JSON.stringify(new URL('../../dist/embedded/place/placement.js', import.meta.url).href)});
  if (process.getuid?.() === 0) {
    process.setgid(65_534);
    process.setuid(65_534);
  }
  await placeData(process.argv[1], () => undefined).catch((error) => console.log(error.name, error.message));
`;

test('a data directory that another user owns, still empty, is refused', async () => {
  const foreign = await dataDirectoryOfTest();
  if (!isRoot()) await chmod(foreign, 0o555);

  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    placeAsStranger,
    foreign,
  ]);
  expect(stdout).toMatch(/^EmbeddedPostgresError cannot keep the embedded Postgres in .*DATABASE_URL\n$/);
});

test('a server that cannot start says why', async () => {
  const broken = await dataDirectoryOfTest();
  await (await use(broken)).release();
  await rm(join(filesIn(broken), 'global', 'pg_control'));

  const error = await refusalOf(use(broken));
  expect(error).toBeInstanceOf(EmbeddedPostgresError);
  expect(error.message).toMatch(/did not start: .*pg_control.*server\.log/);
});

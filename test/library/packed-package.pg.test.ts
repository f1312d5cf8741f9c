/** A program outside of the checkout that has installed the packed package, as a user's would. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { countRuns, lastCycle, serveAccount } from '../cli/served-account.ts';

// Installing takes as long as the registry does.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

let folder: string;
let filename: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exa-monitor-sync-library-'));
  // The product is built already, and others may be reading the build.
  const packed = await run(npm, ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: root,
  });
  [{ filename }] = JSON.parse(packed.stdout);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'program', type: 'module' }));
  const quietly = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', '--prefer-offline'];
  await run(npm, ['install', ...quietly, join(folder, filename)], { cwd: folder });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const syncing = `
import { openWarehouse, ConfigError, LockHeldError } from 'exa-monitor-sync';

const lines = [];
const say = (fields, message) => lines.push(message);
const settings = {
  exaApiKey: process.env.THE_KEY,
  exaBaseUrl: process.env.THE_API,
  databaseUrl: process.env.THE_DATABASE,
  exaRequestsPerSecond: 0,
  httpPort: 0,
};
const listenersBefore = process.eventNames().length;
const warehouse = await openWarehouse({ settings, logger: { debug: say, info: say, warn: say, error: say } });
const applied = await warehouse.migrate();
const { readerUrl } = warehouse;
const events = [];
const first = await warehouse.runCycle({ observe: ({ type }) => events.push(type) });
const second = await warehouse.runCycle();
const stop = new AbortController();
const service = warehouse.runService({ signal: stop.signal });
stop.abort();
await service;
await warehouse.close();
const refused = await openWarehouse({ settings: { ...settings, exaPageSize: 1000 } }).catch((error) => error);
console.log(JSON.stringify({
  applied: applied.length,
  readerUrl,
  first: first.outcome,
  second: second.outcome,
  lines,
  events,
  mistakes: refused instanceof ConfigError ? refused.mistakes : null,
  isClass: typeof LockHeldError === 'function',
  newListeners: process.eventNames().length - listenersBefore,
}));
`;

test('it syncs, runs the service and stops both, without a word of its own', async () => {
  const served = await serveAccount({ monitors: 2, runsPerMonitor: 3 });
  await writeFile(join(folder, 'sync.js'), syncing);
  const { EXA_API_KEY = '', EXA_BASE_URL = '', DATABASE_URL = '' } = served.environment;
  const { stdout, stderr } = await run(process.execPath, ['sync.js'], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      THE_KEY: EXA_API_KEY,
      THE_API: EXA_BASE_URL,
      THE_DATABASE: DATABASE_URL,
      // Neither this nor a file is read.
      EXA_PAGE_SIZE: 'many',
    },
  });
  const said: unknown = JSON.parse(stdout);

  expect(stderr).toBe('');
  expect(said).toMatchObject({
    applied: expect.any(Number),
    readerUrl: null,
    first: { status: 'succeeded', runs: { inserted: 6 } },
    second: { status: 'succeeded', runs: { inserted: 0 } },
    lines: expect.arrayContaining([
      'warehouse migrated',
      'cycle started',
      'cycle succeeded',
      'service stopped',
    ]),
    events: expect.arrayContaining(['cycle-opened', 'planned', 'cycle-closed']),
    mistakes: ['EXA_PAGE_SIZE: expected a whole number from 1 to 200, got "1000"'],
    isClass: true,
    newListeners: 0,
  });
  expect(await countRuns(served)).toBe(6);
  expect((await lastCycle(served)).status).toBe('succeeded');
});

const typed = `
import { openWarehouse, type CycleResult, type Logger, type Warehouse } from 'exa-monitor-sync';

const logger: Logger = { debug() {}, info(_fields: object, message: string) { message.trim(); }, warn() {}, error() {} };
const warehouse: Warehouse = await openWarehouse({ settings: { syncConcurrency: 4, databaseUrl: 'postgres://h/d' }, logger });
const result: CycleResult = await warehouse.runCycle({ full: true, signal: AbortSignal.timeout(1000) });
const inserted: number = result.outcome.runs.inserted;
// @ts-expect-error a setting has its type
await openWarehouse({ settings: { syncConcurrency: 'many' } });
export { inserted };
`;

/** What the compiler says of a program in the folder; empty: nothing. */
async function compile(name: string, program: string): Promise<string> {
  await writeFile(join(folder, name), program);
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--types', 'node'];
  const types = ['--typeRoots', join(root, 'node_modules/@types')];
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  return run(process.execPath, [compiler, ...options, ...types, name], { cwd: folder }).then(
    ({ stdout }) => stdout,
    (error: unknown) => (error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)),
  );
}

test('installed as the documentation tells, the program is where the units of systemd start it', async () => {
  const prefix = join(folder, 'prefix');
  const quietly = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', '--prefer-offline'];
  await run(npm, ['install', '--global', '--prefix', prefix, ...quietly, join(folder, filename)], {
    cwd: folder,
  });
  const unit = await readFile(join(root, 'docs/deploy/systemd/exa-monitor-sync.service'), 'utf8');
  const [, started = ''] = /^ExecStart=(\S+)/m.exec(unit) ?? [];
  const program = started.replace('/opt/exa-monitor-sync', prefix);
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

  expect((await run(program, ['--version'])).stdout).toBe(`${version}\n`);
  const installed = join(prefix, 'lib/node_modules/exa-monitor-sync');
  expect(await readFile(join(installed, 'docs/deploy/systemd/exa-monitor-sync.service'), 'utf8')).toBe(unit);
});

test('its types are there, and need none of other packages', async () => {
  expect(await compile('typed.ts', typed)).toBe('');
});

test("the README's program compiles", async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const [, program = ''] = /## As a library\n.*?```ts\n(.*?)```/s.exec(readme) ?? [];
  expect(program).toContain("from 'exa-monitor-sync'");
  expect(await compile('readme.ts', program)).toBe('');
});

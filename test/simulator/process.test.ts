import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { forkSimulator } from '../../src/simulator/process/forked-simulator.ts';
import { anyPage, dayMs, startMs } from './serve.ts';

const root = join(import.meta.dirname, '../..');
let folder = '';

// Node 20 cannot run TypeScript: the script is compiled, to a folder from where it still finds its libraries.
beforeAll(async () => {
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, 'simulator-test-'));
  const project = {
    extends: join(root, 'src/tsconfig.json'),
    compilerOptions: { rootDir: join(root, 'src'), outDir: folder, emitDeclarationOnly: false },
    include: [],
    files: [join(root, 'src/simulator/process/simulator-process.ts')],
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(project));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [tsc, '-p', folder]);
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(
    join(folder, 'serve.js'),
    "import { runSimulatorProcess } from './simulator/process/simulator-process.js';\nawait runSimulatorProcess(process);\n",
  );
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

it('serves from a process of its own and obeys commands', async () => {
  const simulator = await forkSimulator(join(folder, 'serve.js'), {
    apiKey: 'k',
    clockStartMs: startMs,
    account: { monitors: 3, runsPerMonitor: 10, searchMonitors: 1, runsPerSearchMonitor: 4 },
  });
  const get = (path: string) =>
    fetch(`${simulator.url}/websets/v0${path}`, { headers: { 'x-api-key': 'k' } });
  const runsOfNewest = async (): Promise<number> => {
    const monitors = anyPage.parse(await (await get('/monitors')).json());
    return anyPage.parse(await (await get(`/monitors/${monitors.data[0]?.id}/runs`)).json()).data.length;
  };
  expect(await runsOfNewest()).toBe(10);
  await simulator.send({ do: 'advance', ms: dayMs });
  expect(await runsOfNewest()).toBe(11);
  await simulator.send({ do: 'addRuns', monitors: 1 });
  expect(await runsOfNewest()).toBe(12);
  await simulator.send({ do: 'addRuns', monitors: 1, api: 'search' });
  const searchMonitors = await fetch(`${simulator.url}/monitors`, { headers: { 'x-api-key': 'k' } });
  const [searchMonitor] = anyPage.parse(await searchMonitors.json()).data;
  const searchRuns = await fetch(`${simulator.url}/monitors/${searchMonitor?.id}/runs`, {
    headers: { 'x-api-key': 'k' },
  });
  expect(anyPage.parse(await searchRuns.json()).data.length).toBeGreaterThan(4);
  await simulator.send({ do: 'setFaults', plan: { rules: [{ fault: { kind: 'status', status: 503 } }] } });
  expect((await get('/monitors')).status).toBe(503);
  await simulator.send({ do: 'setFaults', plan: null });
  expect(await simulator.send({ do: 'resetCounts' })).toMatchObject({
    total: 9,
    byEndpoint: { monitors: 5, runs: 4 },
    byApi: { websets: 7, search: 2 },
    byStatus: { 200: 8, 503: 1 },
  });
  expect((await simulator.send({ do: 'counts' })).total).toBe(0);
  await simulator.stop();
  await expect(get('/monitors')).rejects.toThrow('fetch failed');
});

it('answers a command that it cannot obey with an error, and none once it has ended', async () => {
  const simulator = await forkSimulator(join(folder, 'serve.js'), {
    apiKey: 'k',
    account: { monitors: 1, runsPerMonitor: 1 },
  });
  await expect(simulator.send({ do: 'advance', ms: 1 })).rejects.toThrow('clock cannot be advanced');
  await simulator.stop();
  await expect(simulator.send({ do: 'counts' })).rejects.toThrow(/closed|ended/u);
});

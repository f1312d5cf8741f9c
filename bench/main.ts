import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { forkSimulator } from '../src/simulator/process/forked-simulator.ts';
import { apiKey } from './api-key.ts';
import type { CaseResult, Laboratory } from './bench-case.ts';
import { cases } from './cases.ts';
import { describeMachine } from './machine.ts';
import { openPostgresServer } from './postgres-server.ts';
import { formatTable, writeReport } from './report.ts';
import { workerPath } from './worker-process.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '3' },
    node: { type: 'string', multiple: true },
  },
});
const rounds = Number(values.rounds);
const unknown = values.only?.filter((name) => cases.every((known) => known.name !== name)) ?? [];
if (!(rounds >= 1) || unknown.length > 0) {
  process.stderr.write(
    `usage: npm run bench -- [--only ${cases.map(({ name }) => name).join('|')}]… [--rounds 3] [--node PATH]…\n`,
  );
  process.exit(2);
}

// Each Node runs all of it by itself, one after another.
if (values.node !== undefined) {
  const others = [`--rounds=${rounds}`, ...(values.only ?? []).map((name) => `--only=${name}`)];
  for (const node of values.node) {
    const child = spawn(node, [fileURLToPath(import.meta.url), ...others], { stdio: 'inherit' });
    const [code] = await once(child, 'exit');
    if (code !== 0) process.exit(1);
  }
  process.exit(0);
}

const tell = (message: string): void => void process.stderr.write(`${message}\n`);
const startedAt = new Date();
const server = await openPostgresServer(process.env['BENCH_DATABASE_URL'] ?? null);
const machine = await describeMachine(server.version);
tell(`${machine.description}; ${machine.versions}`);
const results: CaseResult[] = [];
try {
  const laboratory: Laboratory = {
    server,
    rounds,
    startSimulator: (options) => forkSimulator(workerPath('simulator'), { ...options, apiKey }),
    tell,
  };
  for (const benchCase of cases) {
    if (values.only?.includes(benchCase.name) === false) continue;
    const startedMs = performance.now();
    results.push(await benchCase.run(laboratory));
    tell(`${benchCase.name}: ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
  }
} finally {
  // Also of a case that fails nothing stays behind.
  await server.stop();
}
process.stdout.write(`${machine.versions}\n${formatTable(results)}\n`);
if (values.only === undefined) {
  const minutes = (Date.now() - startedAt.getTime()) / 60_000;
  await writeReport({ machine, startedAt, minutes, rounds, results });
}

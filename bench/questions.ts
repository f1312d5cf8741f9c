import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { generateHistory } from './generate-history.ts';
import { describeMachine } from './machine.ts';
import { openPostgresServer } from './postgres-server.ts';
import { formatQuestions, type Measured } from './questions-report.ts';
import { standardQuestions, type Question } from './standard-questions.ts';
import { median, thousands } from './statistics.ts';

const { values } = parseArgs({
  options: {
    monitors: { type: 'string', default: '10000' },
    runs: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '15' },
    // A migrated one: filled when it is empty, and kept. Without it a database is made and dropped.
    database: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const size = { monitors: Number(values.monitors), runsPerMonitor: Number(values.runs) };
const rounds = Number(values.rounds);
/** A slow question is asked less often. */
const mostSeconds = 20;
const tell = (message: string): void => void process.stderr.write(`${message}\n`);

const server =
  values.database === undefined ? await openPostgresServer(process.env['BENCH_DATABASE_URL'] ?? null) : null;
const made = await server?.createDatabase();
const url = made?.url ?? values.database ?? '';
const sql = postgres(url, { max: 1, onnotice: () => undefined });
const measured: Measured[] = [];
try {
  await fill();
  for (const question of standardQuestions) measured.push(await measure(question));
  if (values.write) await writeDocument();
} finally {
  // Also of a question that fails nothing stays behind.
  await sql.end();
  await made?.drop();
  await server?.stop();
}

async function fill(): Promise<void> {
  if ((await sql`select from monitors limit 1`).length > 0) return;
  tell(`== ${thousands(size.monitors * size.runsPerMonitor)} runs`);
  await generateHistory(sql, url, size, tell);
  await restOfAutovacuum();
}

/** Autovacuum comes by itself, once a minute; while it works, it is no part of what a question takes. */
async function restOfAutovacuum(): Promise<void> {
  for (let quietSeconds = 0; quietSeconds < 75; quietSeconds += 5) {
    await setTimeout(5000);
    const [working] = await sql`
      select from pg_stat_activity where backend_type = 'autovacuum worker' and datname = current_database()`;
    if (working !== undefined) quietSeconds = 0;
  }
}

/** The server makes the whole answer and throws it away: reading it is the client's time. */
async function answer(query: string): Promise<void> {
  await sql.unsafe(`copy (${query}) to '/dev/null'`);
}

async function measure(question: Question): Promise<Measured> {
  const { name, query } = question;
  await answer(query);
  const wallMs: number[] = [];
  for (const endMs = performance.now() + mostSeconds * 1000; ;) {
    const startedMs = performance.now();
    await answer(query);
    wallMs.push(performance.now() - startedMs);
    if (wallMs.length === rounds || performance.now() > endMs) break;
  }
  const cpuMs = await measureCpu(query, wallMs.length);
  const lines = await sql.unsafe<{ 'QUERY PLAN': string }[]>(
    `explain (analyze, buffers, timing off) ${query}`,
  );
  tell(`   ${median(wallMs).toFixed(0)} ms, ${cpuMs.toFixed(0)} ms of one core: ${name}`);
  return {
    question,
    wallMs: median(wallMs),
    fastestMs: Math.min(...wallMs),
    cpuMs,
    plan: lines.map((line) => line['QUERY PLAN']).join('\n'),
  };
}

/** Without parallel workers; unlike the wall clock not moved by what else the machine does. Linux only. */
async function measureCpu(query: string, times: number): Promise<number> {
  const [backend] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const readTicks = (): number => {
    const [, fields = ''] = readFileSync(`/proc/${backend?.pid}/stat`, 'utf8').split(') ');
    const [userTicks, systemTicks] = fields.split(' ').slice(11, 13);
    return Number(userTicks) + Number(systemTicks);
  };
  await sql`set max_parallel_workers_per_gather = 0`;
  await answer(query);
  const before = readTicks();
  for (let round = 0; round < times; round += 1) await answer(query);
  const tickMs = 10;
  const cpuMs = ((readTicks() - before) * tickMs) / times;
  await sql`reset max_parallel_workers_per_gather`;
  return cpuMs;
}

async function writeDocument(): Promise<void> {
  const [version] = await sql<{ name: string }[]>`
    select 'PostgreSQL ' || current_setting('server_version') || ' with '
      || current_setting('shared_buffers') || ' of shared buffers' as name`;
  const relations = await sql<{ name: string; size: string }[]>`
    select relname as name, pg_size_pretty(pg_relation_size(oid)) as size from pg_class
    where (relname like 'monitor\\_%' or relname like 'missed\\_%') and relkind in ('r', 'i') and pg_relation_size(oid) > 100000
    order by pg_relation_size(oid) desc`;
  const machine = await describeMachine(version?.name ?? 'unknown');
  const figures = formatQuestions({ machine, size, rounds, measured, relations });
  const path = 'docs/query-plans.md';
  const [start, end] = ['<!-- measured:start -->', '<!-- measured:end -->'];
  const text = await readFile(path, 'utf8');
  const [before = ''] = text.split(start);
  const [, after = ''] = text.split(end);
  await writeFile(path, `${before}${start}\n\n${figures}\n${end}${after}`);
}

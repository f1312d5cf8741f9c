import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { beforeAll, expect, it, vi } from 'vitest';
import { createTestDatabase } from '../postgres/database.ts';
import { linesOf, makeDirectory, runCommand, startCommand } from './command-line.ts';
import { runOnTerminal } from './terminal.ts';

// Each command is a process of its own: on a busy machine several of them take a while.
vi.setConfig({ testTimeout: 60_000 });

let environment: Readonly<Record<string, string>>;

beforeAll(async () => {
  const database = await createTestDatabase();
  environment = { DATABASE_URL: database.url };
  await database.sql`insert into monitors (id, status, behavior, metadata, created_at, updated_at)
    values ('m', 'enabled', '{}', '{"a|b": "c"}', now(), now())`;
});

const twoRows = `select 1::bigint as n, 'a|b' as "text, quoted", null as nothing union all select 2, E'x\\ny', null order by 1`;

it.each([
  ['table', 'n  text, quoted  nothing\n-  ------------  -------\n1  a|b\n2  x ⏎ y\n'],
  ['csv', 'n,"text, quoted",nothing\n1,a|b,\n2,"x\ny",\n'],
  [
    'json',
    '[\n{"n":1,"text, quoted":"a|b","nothing":null},\n{"n":2,"text, quoted":"x\\ny","nothing":null}\n]\n',
  ],
  ['ndjson', '{"n":1,"text, quoted":"a|b","nothing":null}\n{"n":2,"text, quoted":"x\\ny","nothing":null}\n'],
  ['markdown', '| n | text, quoted | nothing |\n| --- | --- | --- |\n| 1 | a\\|b |  |\n| 2 | x<br>y |  |\n'],
])('answers as %s', async (format, expected) => {
  const answer = await runCommand(['query', twoRows, '--format', format], { environment });
  expect(answer).toEqual({ exitCode: 0, stderr: '', stdout: expected });
});

it('names the columns of an answer without rows', async () => {
  const { stdout } = await runCommand(['query', 'select 1 as n where false', '--format', 'csv'], {
    environment,
  });
  expect(stdout).toBe('n\n');
});

it.each([
  ['delete from monitors', 'cannot execute DELETE in a read-only transaction'],
  ['with gone as (delete from monitors returning 1) select * from gone', 'read-only transaction'],
  [
    `do $$ begin perform set_config('transaction_read_only', 'off', true); delete from monitors; end $$`,
    'transaction read-write mode',
  ],
  ['select 1; select 2', 'cannot insert multiple commands'],
  ['commit; delete from monitors', 'cannot insert multiple commands'],
  ['select nothing', 'column "nothing" does not exist'],
])('%s is refused by the server, in one line', async (statement, reason) => {
  const { exitCode, stdout, stderr } = await runCommand(['query', statement], { environment });
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(linesOf(stderr)).toHaveLength(1);
  expect(stderr).toContain(reason);
  const left = await runCommand(['query', 'select id from monitors', '--format', 'csv'], { environment });
  expect(left.stdout).toBe('id\nm\n');
});

it('gives up after the time that it is given', async () => {
  const { exitCode, stderr } = await runCommand(['query', 'select pg_sleep(50)', '--timeout', '1'], {
    environment,
  });
  expect(exitCode).toBe(1);
  expect(stderr).toContain('longer than 1 s');
});

it('answers a question of the cookbook with other parameters than its own', async () => {
  const { stdout } = await runCommand(['query', '--questions'], { environment });
  expect(stdout).toContain('--param days=');
  const [, name = '', parameter = ''] = /^([a-z-]+) {2}.*\n {4}--param ([a-z_]+)=\d/m.exec(stdout) ?? [];
  const answer = await runCommand(
    ['query', '--question', name, '--param', `${parameter}=3`, '--format', 'ndjson'],
    { environment },
  );
  expect(answer).toMatchObject({ exitCode: 0, stderr: '' });
});

it.each([
  [['--question', 'none-such'], 'there is no question "none-such"'],
  [['--question', 'last-failures', '--param', 'moons=3'], 'has no parameter "moons"'],
  [['--question', 'last-failures', '--param', 'days'], 'expected name=value'],
  [['select 1', '--param', 'days=3'], '--param belongs to --question'],
  [['select 1', '--question', 'last-failures'], 'not several'],
  [['--file', 'none.sql'], 'no such file'],
  [['select 1', '--format', 'xml'], 'table, csv, json, ndjson, markdown, parquet'],
])('%j is wrong usage, and says so in one line', async (argv, reason) => {
  const { exitCode, stderr } = await runCommand(['query', ...argv], { environment });
  expect(exitCode).toBe(2);
  expect(linesOf(stderr)).toHaveLength(1);
  expect(stderr).toContain(reason);
});

it('reads the statement from a file or standard input and writes the answer to a file', async () => {
  const directory = await makeDirectory();
  await writeFile(join(directory, 'asked.sql'), 'select 7 as seven');
  await runCommand(['query', '--file', 'asked.sql', '--format', 'csv', '--out', 'answer.csv'], {
    environment,
    directory,
  });
  expect(await readFile(join(directory, 'answer.csv'), 'utf8')).toBe('seven\n7\n');
  const { child, ended } = await startCommand(['query', '--format', 'csv'], { environment });
  child.stdin.end('select 8 as eight');
  expect(await ended).toMatchObject({ exitCode: 0, stdout: 'eight\n8\n' });
});

it('makes control characters harmless in a table', async () => {
  const { stdout } = await runCommand(['query', `select E'\\x1b[31mred' as x`], { environment });
  expect(stdout).toContain('\\u001b[31mred');
});

it('writes Parquet with the types of the columns', async () => {
  const directory = await makeDirectory();
  const statement = `select 9007199254740993::bigint as long, 1.5::numeric as number, '2026-03-29T01:30:00.123456Z'::timestamptz
    as instant, date '2028-02-29' as day, true as yes, 'text' as "text, quoted", null::integer as nothing, '{"a":1}'::jsonb as j,
    'infinity'::timestamptz as never`;
  const argv = ['query', statement, '--format', 'parquet', '--out', 'answer.parquet'];
  expect(await runCommand(argv, { environment, directory })).toMatchObject({ exitCode: 0, stderr: '' });
  const file = await asyncBufferFromFile(join(directory, 'answer.parquet'));
  const [row] = await parquetReadObjects({ file });
  expect(row).toEqual({
    long: 9_007_199_254_740_993n,
    number: 1.5,
    // Read as a Date, which holds milliseconds.
    instant: new Date('2026-03-29T01:30:00.123Z'),
    day: new Date('2028-02-29T00:00:00Z'),
    yes: true,
    'text, quoted': 'text',
    nothing: null,
    j: '{"a":1}',
    never: null,
  });
  const twice = await runCommand(['query', 'select 1 as a, 2 as a', '--format', 'parquet'], { environment });
  expect(twice).toMatchObject({ exitCode: 1, stdout: '' });
  expect(twice.stderr).toContain('two columns are called "a"');
});

it.each([
  ['csv', 60_000 * 1990],
  ['ndjson', 60_000 * 2000],
  // Compressed.
  ['parquet', 60_000 * 32],
])('writes every row and holds no more than some in memory as %s', async (format, leastBytes) => {
  const statement = `select n, repeat(md5(n::text), 62) as reason from generate_series(1, 60000) n`;
  const directory = await makeDirectory();
  // Half of what the texts alone would take.
  const { exitCode, stderr } = await runCommand(['query', statement, '--format', format, '--out', 'answer'], {
    environment: { ...environment, NODE_OPTIONS: '--max-old-space-size=60' },
    directory,
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect((await stat(join(directory, 'answer'))).size).toBeGreaterThan(leastBytes);
});

it('export takes a query', async () => {
  const asked = ['export', '--query', 'select id from monitors', '--format', 'ndjson'];
  expect(await runCommand(asked, { environment })).toEqual({
    exitCode: 0,
    stderr: '',
    stdout: '{"id":"m"}\n',
  });
  const written = ['export', '--query', 'delete from monitors', '--format', 'csv'];
  const refused = await runCommand(written, { environment });
  expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
  expect(refused.stderr).toContain('read-only transaction');
  const both = await runCommand(['export', 'monitors', ...asked.slice(1)], { environment });
  expect(both.exitCode).toBe(2);
});

it('is a prompt on a terminal: statements over several lines, help, what there is, and mistakes that end nothing', async () => {
  const { exitCode, written } = await runOnTerminal(['query'], environment, {
    typing: [
      [/exa=> /, 'select 40 +\r'],
      [/exa-> /, '2 as answer;\r'],
      [/42[^]*exa=> /, 'delete from monitors;\r'],
      [/read-only transaction[^]*exa=> /, '\\d monitor_health\r'],
      [/What people call it[^]*exa=> /, '\\ask last-failures limit=1\r'],
      [/failed_reason[^]*exa=> /, 'select pg_sleep(60);\r'],
      // Stops what runs, and later drops what is typed.
      [/pg_sleep\(60\);\s*\n/, '\u0003'],
      [/stopped[^]*exa=> /, 'select nonsense'],
      [/nonsense/, '\u0003'],
      [/exa=> /, String.raw`select E'\x1b[31m' as red;` + '\r'],
      [/\\u001b\[31m[^]*exa=> /, '\\q\r'],
    ],
  });
  expect(exitCode).toBe(0);
  expect(written).toContain('verdict_reasons');
});

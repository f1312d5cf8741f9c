import { expect, test } from 'vitest';
import type { Fault } from '../../src/simulator/answers/faults.ts';
import { serveSmallAccount, startSync, type ServedAccount } from './sync-process.ts';
import { apiKey } from './sync-kit.ts';

const password = 'p4ss/word+secret';

/** Every kind of failure, one request after the other; in the end one that stops the cycle. */
const faults: readonly Fault[] = [
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503, body: 'html' },
  { kind: 'html200' },
  { kind: 'truncatedBody', framing: 'contentLength' },
  { kind: 'reset' },
  { kind: 'hang' },
  { kind: 'status', status: 400 },
  { kind: 'hasMoreWithoutCursor' },
  { kind: 'status', status: 401 },
];

/** A role with a password of its own, whose right to write ends in mid-cycle. */
async function createRole({ database }: ServedAccount): Promise<string> {
  const role = `${database.name}_role`;
  await database.sql.unsafe(`create role ${role} login password '${password}'`);
  await database.sql.unsafe(
    `grant all on schema public to ${role}; grant create on database ${database.name} to ${role}`,
  );
  const url = new URL(database.url);
  url.username = role;
  url.password = password;
  return url.href;
}

async function dumpTables({ database }: ServedAccount): Promise<string> {
  const tables = await database.sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public'`;
  const rows = await Promise.all(
    tables.map(({ name }) => database.sql.unsafe(`select ${name}::text as row from ${name}`)),
  );
  return `${tables.map(({ name }) => name).join()}\n${rows
    .flat()
    .map(({ row }) => String(row))
    .join('\n')}`;
}

function secretsIn(text: string): readonly string[] {
  const forms = [apiKey, password].flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
  ]);
  return forms.filter((form) => text.includes(form));
}

test(
  'neither the key nor the password is in any output, table or process title, at any log level',
  { timeout: 120_000 },
  async () => {
    const served = await serveSmallAccount({ monitors: 8, runs: 9 });
    const { account, simulator, database } = served;
    const databaseUrl = await createRole(served);
    account.updateRun('m1', 'm1-r2', { overlay: { fields: { createdAt: 'yesterday' } } });
    let requests = 0;
    simulator.setFaults(({ endpoint }) => {
      if (endpoint !== 'runs') return null;
      requests += 1;
      return requests % 2 === 0 ? null : (faults[Math.floor(requests / 2)] ?? null);
    });
    let printed = '';
    const endedWith: (number | null)[] = [];
    for (const logLevel of ['trace', 'debug', 'info', 'warn']) {
      const sync = startSync(served, { databaseUrl, logLevel, timeoutMs: 300, args: ['--full'] });
      printed += await sync.title();
      endedWith.push(await sync.ended());
      printed += sync.output();
    }
    // The first one met the 401; then only the rejected run is left.
    expect(endedWith).toEqual([1, 3, 3, 3]);

    // Errors of the database quote what they were about.
    simulator.setFaults(null);
    account.updateRun('m2', 'm2-r9', { outcome: null });
    await database.sql.unsafe(
      `alter table monitor_runs add constraint refused check (status = 'completed') not valid`,
    );
    const refused = startSync(served, { databaseUrl, logLevel: 'trace', args: ['--full'] });
    expect(await refused.ended()).toBe(1);
    await database.sql.unsafe(`alter role ${database.name}_role password 'another'`);
    const keptOut = startSync(served, { databaseUrl, logLevel: 'trace' });
    await keptOut.ended();
    printed += refused.output() + keptOut.output();

    expect(printed).toContain('refused');
    expect(secretsIn(printed)).toEqual([]);
    const stored = await dumpTables(served);
    expect(stored).toContain('sync_cycles');
    expect(stored).toContain('HTTP 401');
    expect(secretsIn(stored)).toEqual([]);
    // A failed statement is not quoted with its parameters, which are a page of runs.
    expect(stored).not.toContain('json_to_recordset');

    await database.sql.unsafe(`drop owned by ${database.name}_role cascade; drop role ${database.name}_role`);
  },
);

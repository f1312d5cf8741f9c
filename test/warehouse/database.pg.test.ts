import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:net';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { sql, type SQL } from 'drizzle-orm';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { openDatabase, type Database } from '../../src/warehouse/connection/database.ts';
import type { Transaction } from '../../src/warehouse/connection/transaction.ts';
import { errorResponse, listenAndAnswer } from '../cli/broken-database.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

let testDatabase: TestDatabase;

beforeEach(async () => {
  testDatabase = await createTestDatabase('empty');
  await testDatabase.sql`create table notes (note text)`;
});

function open(maxConnections: number): Database {
  const database = openDatabase({ url: testDatabase.url, schema: null, maxConnections });
  onTestFinished(() => database.close());
  return database;
}

async function write(tx: Transaction, note: string): Promise<void> {
  await tx.execute(sql`insert into notes values (${note})`);
}

const insertOf = (text: string): SQL => sql`insert into notes values (${text})`;

async function pidOf(tx: Transaction): Promise<number> {
  const [row] = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
  return row?.pid ?? 0;
}

async function kill(tx: Transaction): Promise<void> {
  await testDatabase.sql`select pg_terminate_backend(${await pidOf(tx)}, 5000)`;
}

async function storedNotes(): Promise<readonly string[]> {
  const rows = await testDatabase.sql<{ note: string }[]>`select note from notes order by note`;
  return rows.map(({ note }) => note);
}

test.each([1, 2, 5])(
  'a transaction whose connection dies takes nothing along and leaves nothing behind (%i connections)',
  async (maxConnections) => {
    const database = open(maxConnections);
    const events = new EventEmitter();
    const dying = database.transaction(async (tx) => {
      await write(tx, 'dead: before');
      await kill(tx);
      const others = once(events, 'others');
      events.emit('killed');
      await Promise.race([others, wait(300)]);
      // These must not end up in a transaction of somebody else.
      await write(tx, 'dead: after');
    });
    const failure = dying.catch((error: unknown) => error);
    await once(events, 'killed');
    const living = Array.from({ length: 8 }, (_, index) =>
      database.transaction(async (tx) => {
        await write(tx, `living ${index}: first`);
        events.emit('others');
        await wait(20);
        await write(tx, `living ${index}: second`);
      }),
    );
    expect(await failure).toBeInstanceOf(Error);
    await Promise.all(living);

    expect(await storedNotes()).toEqual(
      Array.from({ length: 8 }, (_, index) => [`living ${index}: first`, `living ${index}: second`]).flat(),
    );
  },
);

test('a connection that dies during a statement fails its transaction only, and the pool goes on', async () => {
  const database = open(3);
  for (let round = 0; round < 5; round += 1) {
    const asleep = database.transaction((tx) => tx.execute(sql`select pg_sleep(20)`));
    const failure = asleep.catch((error: unknown) => error);
    await untilAsleep();
    await testDatabase.sql`
      select pg_terminate_backend(pid, 5000) from pg_stat_activity
      where datname = current_database() and query like '%pg_sleep(20)%' and pid <> pg_backend_pid()`;
    await database.transaction((tx) => write(tx, `round ${round}`));
    expect(await failure).toBeInstanceOf(Error);
  }
  expect(await storedNotes()).toHaveLength(5);
});

test('a transaction that fails is rolled back whole, and no more connections are open than allowed', async () => {
  const database = open(2);
  const counts: number[] = [];
  const work = Array.from({ length: 12 }, (_, index) =>
    database.transaction(async (tx) => {
      await write(tx, `${index}`);
      const [row] = await tx.execute<{ open: number }>(sql`
        select count(*)::int as open from pg_stat_activity
        where datname = current_database() and application_name = 'exa-monitor-sync' and state <> 'idle'`);
      counts.push(row?.open ?? 0);
      if (index % 2 === 1) throw new Error('no');
    }),
  );
  const results = await Promise.allSettled(work);

  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(6);
  expect(await storedNotes()).toEqual(['0', '10', '2', '4', '6', '8']);
  expect(Math.max(...counts)).toBeLessThanOrEqual(2);
});

test('a connection whose transaction failed is closed and serves no other, one that did not serves the next', async () => {
  const database = open(1);
  const pidOfNext = (): Promise<number> => database.transaction(pidOf);
  const first = await pidOfNext();
  expect(await pidOfNext()).toBe(first);
  let failed = 0;
  await expect(
    database.transaction(async (tx) => {
      failed = await pidOf(tx);
      throw new Error('no');
    }),
  ).rejects.toThrow('no');

  expect(failed).toBe(first);
  const second = await pidOfNext();
  expect(second).not.toBe(first);
  await untilGone(first);
  expect(await pidOfNext()).toBe(second);
});

test('a connection that dies while it is idle is replaced', async () => {
  const database = open(1);
  const first = await database.transaction(pidOf);
  await testDatabase.sql`select pg_terminate_backend(${first}, 5000)`;
  // The end has arrived with the answer; it is read in one of the next turns of the event loop.
  for (let turn = 0; turn < 100; turn += 1) await nextTurn();

  expect(await database.transaction(pidOf)).not.toBe(first);
});

test('the server ends what works without a time limit when its client is gone', async () => {
  const database = open(1);
  const pids = new EventEmitter();
  const begun = once(pids, 'begun');
  const work = database.transaction(
    async (tx) => {
      pids.emit('begun', await pidOf(tx));
      await tx.execute(sql`select pg_sleep(300)`);
    },
    { unlimited: true },
  );
  const failure = work.catch((error: unknown) => error);
  const [pid] = await begun;
  await untilAsleep();
  await database.close(0);
  expect(await failure).toBeInstanceOf(Error);
  await untilGone(Number(pid));
});

test('of a server with few connections as many are used as there are', async () => {
  const role = `few_${testDatabase.name}`;
  await testDatabase.sql.unsafe(`create role ${role} login password 'pw' connection limit 2`);
  onTestFinished(async () => {
    await testDatabase.sql.unsafe(`drop owned by ${role}; drop role ${role}`);
  });
  await testDatabase.sql.unsafe(`grant all on notes to ${role}`);
  const url = new URL(testDatabase.url);
  url.username = role;
  url.password = 'pw';
  const database = openDatabase({ url: url.href, schema: null, maxConnections: 10 });
  await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      database.transaction(async (tx) => {
        await write(tx, String(index));
        await wait(20);
      }),
    ),
  );
  expect(await storedNotes()).toHaveLength(20);
  await database.close();
});

async function untilGone(pid: number): Promise<void> {
  for (;;) {
    const rows = await testDatabase.sql`select from pg_stat_activity where pid = ${pid}`;
    if (rows.length === 0) return;
    await wait(10);
  }
}

async function untilAsleep(): Promise<void> {
  for (;;) {
    const rows = await testDatabase.sql`
      select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
    if (rows.length > 0) return;
    await wait(10);
  }
}

test('of several hosts the first that answers serves, one connection after another', async () => {
  const port = new URL(testDatabase.url).port;
  const url = testDatabase.url.replace('127.0.0.1', '127.0.0.1:1,127.0.0.1');
  expect(url).toContain(`@127.0.0.1:1,127.0.0.1:${port}/`);
  const database = openDatabase({ url, schema: null, maxConnections: 2 });
  onTestFinished(() => database.close());
  await Promise.all(['one', 'two'].map((note) => database.transaction((tx) => write(tx, note))));
  expect(await storedNotes()).toEqual(['one', 'two']);
});

test.each([
  ['division by zero', 'select 1/0', /division by zero/],
  ['a table that is not there', 'insert into nothing values (1)', /"nothing" does not exist/],
])('of statements sent together nothing stays when one fails: %s', async (_what, statement, message) => {
  const database = open(1);
  await expect(database.send([insertOf('before'), sql.raw(statement), insertOf('after')])).rejects.toThrow(
    message,
  );
  expect(await database.send([insertOf("it's \\ \n"), sql`select note from notes`])).toEqual([
    [{ note: "it's \\ \n" }],
  ]);
});

/** A pooler that lets everybody in, and hangs up on the first statement with a reason. */
async function startRefusingPooler(reason: string): Promise<string> {
  // AuthenticationOk, ReadyForQuery.
  const welcome = Buffer.from('R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I', 'latin1');
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(welcome);
      socket.once('data', () => socket.end(errorResponse('08P01', reason)));
    });
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `postgres://someone@127.0.0.1:${address.port}/warehouse?sslmode=disable`;
}

test('what a pooler says before it hangs up is told, not that it hangs up', async () => {
  const reason = 'transaction blocks not allowed in statement pooling mode';
  const database = openDatabase({ url: await startRefusingPooler(reason), schema: null, maxConnections: 1 });
  onTestFinished(() => database.close());
  const refused = { code: '08P01', message: reason };
  await expect(database.transaction(() => Promise.resolve())).rejects.toMatchObject(refused);
  await expect(database.send([sql`select 1`])).rejects.toMatchObject(refused);
});

test('statements sent together find a database that answers too late, or is none, as a transaction does', async () => {
  const port = await listenAndAnswer(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const url = `postgres://someone@127.0.0.1:${port}/warehouse`;
  const database = openDatabase({ url, schema: null, maxConnections: 1, connectTimeoutMs: 200 });
  onTestFinished(() => database.close());
  await expect(database.send([sql`select 1`])).rejects.toMatchObject({ code: 'NOT_POSTGRES' });
});

const sleepers = () =>
  testDatabase.sql`
    select from pg_stat_activity
    where datname = current_database() and state = 'active' and query like 'select pg_sleep(%'`;

test('rows that nobody waits for any more stop with the reason, the next are read, and the server stops as well', async () => {
  const database = open(1);
  const read = (text: string, signal: AbortSignal) =>
    database.readRows({ text, values: [], timeoutMs: 0, signal, take: () => Promise.resolve() });
  for (let round = 1; round <= 5; round += 1) {
    const controller = new AbortController();
    const stopped = read('select pg_sleep(600)', controller.signal);
    await expect.poll(sleepers).toHaveLength(round);
    controller.abort(new Error('stopped'));
    await expect(stopped).rejects.toThrow(/^stopped$/);
  }
  expect(await read('select 1 as one', new AbortController().signal)).toMatchObject([{ name: 'one' }]);
  // It looks for its client every ten seconds.
  await expect.poll(sleepers, { timeout: 25_000 }).toEqual([]);
});

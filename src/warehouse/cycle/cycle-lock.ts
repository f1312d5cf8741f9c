import { once } from 'node:events';
import { sql } from 'drizzle-orm';
import { LockHeldError, type LockHolder } from '../../sync/errors.ts';
import { aliveKey, cycleKey } from './advisory-locks.ts';
import { openDatabase, type Database, type DatabaseOptions } from '../connection/database.ts';
import type { Transaction } from '../connection/transaction.ts';

/** The lock of one warehouse, held by this process. */
export interface CycleLock {
  /** Aborts when the connection that holds the lock breaks. */
  readonly lost: AbortSignal;
  /** Shows the server, for as long as the lock is held, that this cycle is alive: its writes look for it. */
  showAlive(cycleId: number): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the warehouse's lock or throws at once.
 *
 * The lock is an advisory lock of a transaction that stays open for the whole cycle on a connection of its own. It is
 * free the moment that its holder dies, however it dies, and unlike a lock of the session it holds behind a pooler in
 * transaction mode, which pins a transaction to one server connection. The transaction reads and writes nothing, so it
 * keeps no vacuum back. The key names database and schema.
 * @throws LockHeldError when another process has it.
 */
export async function takeCycleLock(
  options: DatabaseOptions,
  loadHolder: () => Promise<LockHolder | null>,
): Promise<CycleLock> {
  const database = openDatabase({ ...options, maxConnections: 1 });
  const lost = new AbortController();
  const released = new AbortController();
  let held = Promise.resolve();
  const taken = new Promise<Transaction | null>((resolve, reject) => {
    held = database
      .transaction(async (tx) => {
        await keepOpen(tx);
        const locked = await tryLock(tx);
        resolve(locked ? tx : null);
        if (locked) await once(released.signal, 'abort');
      })
      .catch((error: unknown) => {
        // Before the lock is taken this is the caller's error, afterwards the loss of the lock.
        reject(error);
        lost.abort(error);
      });
  });
  const end = async (): Promise<void> => {
    released.abort();
    await held;
    await database.close();
  };
  try {
    const tx = await taken;
    if (tx === null) throw new LockHeldError(await loadHolder());
    return {
      lost: lost.signal,
      showAlive: async (cycleId) => {
        await tx.execute(sql`select pg_advisory_xact_lock(${aliveKey(cycleId)})`);
      },
      release: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Server settings that end idle or long transactions would end the cycle; not every version has each of them. */
async function keepOpen(tx: Transaction): Promise<void> {
  await tx.execute(sql`
    select set_config(name, '0', true) from pg_settings
    where name in ('idle_in_transaction_session_timeout', 'transaction_timeout')`);
}

async function tryLock(tx: Transaction): Promise<boolean> {
  const [row] = await tx.execute<{ locked: boolean }>(sql`
    select pg_try_advisory_xact_lock(${cycleKey}) as locked`);
  return row?.locked === true;
}

/** Who runs the cycle that is marked as running. */
export async function loadLockHolder(database: Database): Promise<LockHolder | null> {
  const [holder] = await database.transaction((tx) =>
    tx.execute<{ id: string; host: string; pid: number; started_at: string }>(sql`
      select id::text, host, pid, to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as started_at
      from sync_cycles where status = 'running' order by id desc limit 1`),
  );
  if (holder === undefined) return null;
  return { cycleId: Number(holder.id), host: holder.host, pid: holder.pid, startedAt: holder.started_at };
}

import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import postgres from 'postgres';
import { z } from 'zod';
import { LockHeldError, type LockHolder } from '../../sync/errors.ts';
import {
  defaultPatienceMs,
  openDatabase,
  type Database,
  type DatabaseOptions,
} from '../connection/database.ts';
import { withDeadline } from '../connection/deadline.ts';
import type { Transaction } from '../connection/transaction.ts';
import type { CycleHost } from './cycle-record.ts';

/** The session that holds the lock, as the server knows it. */
export interface LockSession {
  readonly pid: number;
  /** The transaction that stays open, as `pg_locks` names it. */
  readonly transaction: string;
}

/** The lock of one warehouse, held by this process. */
export interface CycleLock extends LockSession {
  /** Aborts when the connection that holds the lock breaks. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** The end of the session frees the lock as well. */
const releaseTimeoutMs = 5000;

const lockNotAvailable = '55P03';

/**
 * Takes the warehouse's lock or throws at once.
 *
 * The lock is a table lock on `sync_lock`, which nobody can take who may only read, in a transaction that stays open for
 * the whole cycle on a connection of its own. It is free the moment that its holder dies, however it dies, and unlike a
 * lock of the session it holds behind a pooler in transaction mode, which pins a transaction to one server connection.
 * The transaction writes nothing, and between statements it has no snapshot, so it keeps no vacuum back.
 * @param asking asks who has it, on another connection.
 * @throws LockHeldError when another process has it.
 */
export async function takeCycleLock(
  options: DatabaseOptions,
  host: CycleHost,
  asking: Database,
): Promise<CycleLock> {
  const patienceMs = options.patienceMs ?? defaultPatienceMs;
  const database = openDatabase({ ...options, maxConnections: 1 });
  const lost = new AbortController();
  const released = new AbortController();
  let held = Promise.resolve();
  const taken = new Promise<LockSession>((resolve, reject) => {
    held = database
      .transaction(
        async (tx) => {
          resolve(await lockInSession(tx, host));
          await once(released.signal, 'abort');
        },
        { unlimited: true },
      )
      .catch((error: unknown) => {
        // Before the lock is taken this is the caller's error, afterwards the loss of the lock.
        reject(error);
        lost.abort(error);
      });
  });
  const end = async (): Promise<void> => {
    released.abort();
    await Promise.race([held, wait(releaseTimeoutMs, undefined, { ref: false })]);
    await database.close(0);
  };
  try {
    const session = await withDeadline(taken, patienceMs, () => void database.close(0));
    return { ...session, lost: lost.signal, release: end };
  } catch (error) {
    await end();
    if (error instanceof postgres.PostgresError && error.code === lockNotAvailable) {
      throw new LockHeldError(await loadLockHolder(asking), { cause: error });
    }
    throw error;
  }
}

/**
 * No parameters anywhere: a statement of the extended protocol would leave its snapshot to the session, and hold every
 * vacuum back for as long as the cycle lasts.
 */
async function lockInSession(tx: Transaction, host: CycleHost): Promise<LockSession> {
  await tx.execute(sql.raw(`set local application_name = '${nameOfSession(host)}'`));
  await tx.execute(sql`lock table sync_lock in share row exclusive mode nowait`);
  const [session] = await tx.execute<{ pid: number; transaction: string }>(sql`
    select pid, virtualtransaction as transaction from pg_locks
    where pid = pg_backend_pid() and relation = 'sync_lock'::regclass`);
  if (session === undefined) throw new Error('the database does not know the lock that it gave');
  return session;
}

/** Who holds the lock: the cycle that is marked as running, if it is its session's, else whatever session it is. */
async function loadLockHolder(database: Database): Promise<LockHolder | null> {
  const [rows = []] = await database.send([
    sql`
    select activity.pid as session, usename as "user", application_name as name, cycle.id, cycle.host, cycle.pid,
      to_char(cycle.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as started_at
    from pg_locks
    join pg_stat_activity activity using (pid)
    left join lateral (
      select * from sync_cycles where status = 'running' order by id desc limit 1
    ) cycle on true
    where relation = 'sync_lock'::regclass and mode not in ('AccessShareLock', 'RowShareLock') and granted
      and pg_locks.database = (select oid from pg_database where datname = current_database())`,
  ]);
  const [holder] = z.array(holderRow).parse(rows);
  if (holder === undefined) return null;
  const { session, user, name, id, host, pid, started_at: startedAt } = holder;
  // The name of another user's session is not shown to everybody.
  const isCycle =
    id !== null && (name === null || name === nameOfSession({ host: host ?? '', pid: pid ?? 0 }));
  if (isCycle && host !== null && pid !== null && startedAt !== null) {
    return { type: 'cycle', cycleId: Number(id), host, pid, startedAt };
  }
  return { type: 'session', pid: session, user: user ?? 'unknown', application: name ?? 'unknown' };
}

const holderRow = z.object({
  session: z.number(),
  user: z.string().nullable(),
  name: z.string().nullable(),
  id: z.string().nullable(),
  host: z.string().nullable(),
  pid: z.number().nullable(),
  started_at: z.string().nullable(),
});

/** By which a person finds the process in `pg_stat_activity`; Postgres cuts names off at 63 bytes. */
function nameOfSession({ host, pid }: CycleHost): string {
  return `exa-monitor-sync ${pid} ${host}`.replaceAll(/[^ -&(-~]/g, '?').slice(0, 63);
}

import postgres from 'postgres';
import type { Connection } from './connection.ts';
import { noAnswer, NoAnswerError } from './deadline.ts';

/** A lock that did not come, or a statement that took too long: the server gave up. */
const gaveUp: ReadonlySet<string> = new Set(['55P03', '57014', noAnswer]);

/** The database gave up waiting, and said meanwhile what for. */
export class BlockedError extends Error {
  override readonly name = 'BlockedError';

  constructor(what: string, waitedMs: number, options: ErrorOptions) {
    super(`waited ${Math.round(waitedMs / 1000)} s in vain: ${what}`, options);
  }
}

/**
 * What one of our sessions waits for: a lock, with who has it and does not wait itself, or a standby. The names are
 * written out, since this runs by whatever search path there is.
 */
const question = `
select case when waiting.wait_event operator(pg_catalog.=) 'SyncRep'
  then 'the commit waits for a synchronous standby (synchronous_standby_names)'
  else pg_catalog.format('session %s of the database, user %s, application %s, has a lock%s', holder.pid,
    holder.usename, holder.application_name, ' on ' operator(pg_catalog.||) wanted.relation::pg_catalog.regclass::pg_catalog.text)
  end as what
from pg_catalog.pg_stat_activity waiting
left join pg_catalog.pg_locks wanted on wanted.pid operator(pg_catalog.=) waiting.pid and not wanted.granted
left join lateral pg_catalog.unnest(pg_catalog.pg_blocking_pids(waiting.pid)) blocking (pid)
  on waiting.wait_event_type operator(pg_catalog.=) 'Lock'
left join pg_catalog.pg_stat_activity holder on holder.pid operator(pg_catalog.=) blocking.pid
where waiting.datname operator(pg_catalog.=) pg_catalog.current_database()
  and waiting.usename operator(pg_catalog.=) session_user
  and waiting.application_name operator(pg_catalog.=) pg_catalog.current_setting('application_name')
  and (waiting.wait_event operator(pg_catalog.=) 'SyncRep'
    or holder.pid is not null
      and not coalesce(holder.wait_event_type operator(pg_catalog.=) 'Lock', false))
limit 1`;

/** Asks while work still waits: afterwards nothing tells any more. Ends the connection. @returns null: the server does not know. */
export async function askWhatBlocks(connection: Connection, timeoutMs: number): Promise<string | null> {
  try {
    const [rows = []] = await connection.send(
      `set local statement_timeout = ${timeoutMs};${question}`,
      timeoutMs,
    );
    const what = rows[0]?.['what'];
    return typeof what === 'string' ? what : null;
  } finally {
    // Its end is of no interest to anybody.
    connection.end(0).catch(() => undefined);
  }
}

/**
 * Waits for work; when it lasts long, asks what it waits for, to tell it if the work is given up.
 * @throws what the work throws, and BlockedError in the place of a timeout that has a known reason.
 */
export async function tellWhatBlocks<T>(
  work: Promise<T>,
  patienceMs: number,
  ask: () => Promise<string | null>,
): Promise<T> {
  let what: string | null = null;
  const startedMs = performance.now();
  const timer = setTimeout(() => {
    ask().then(
      (answer) => (what = answer),
      // What is not known is not told.
      () => undefined,
    );
  }, patienceMs / 2);
  try {
    return await work;
  } catch (error) {
    if (what === null || !isTimeout(error)) throw error;
    throw new BlockedError(what, performance.now() - startedMs, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function isTimeout(error: unknown): boolean {
  return (
    (error instanceof postgres.PostgresError || error instanceof NoAnswerError) && gaveUp.has(error.code)
  );
}

import type { Sql } from 'postgres';

/** Ends the connection that holds the lock, as the death of its process does. */
export async function endLockHolder(sql: Sql): Promise<void> {
  await sql`
    select pg_terminate_backend(pid, 5000) from pg_locks
    where relation = 'sync_lock'::regclass and mode = 'ShareRowExclusiveLock'
      and database = (select oid from pg_database where datname = current_database())`;
}

import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { LockHeldError } from '../../src/sync/errors.ts';
import { openDatabase } from '../../src/warehouse/connection/database.ts';
import { takeCycleLock } from '../../src/warehouse/cycle/cycle-lock.ts';
import { createTestDatabase } from '../postgres/database.ts';

test('settings of the server that end idle or long transactions leave the lock alone', async () => {
  const { sql, url, name } = await createTestDatabase();
  // Not every version has both.
  const settings = await sql<{ name: string }[]>`
    select name from pg_settings where name in ('idle_in_transaction_session_timeout', 'transaction_timeout')`;
  for (const setting of settings) await sql`alter database ${sql(name)} set ${sql(setting.name)} = '1s'`;
  const where = { url, schema: null, maxConnections: 1 };
  const host = { host: 'test', pid: 1 };
  const asking = openDatabase(where);
  onTestFinished(() => asking.close());
  const lock = await takeCycleLock(where, host, asking);
  onTestFinished(() => lock.release());

  // A transaction that began later has been ended: the lock's own would have been before it.
  const other = await sql.reserve();
  await other`begin`;
  await other.unsafe(settings.map((setting) => `set ${setting.name} = '1s'`).join('; '));
  const [session] = await other<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const isThere = () => sql`select from pg_stat_activity where pid = ${session?.pid ?? 0}`;
  while ((await isThere()).length > 0) await wait(50);

  expect(lock.lost.aborted).toBe(false);
  await expect(takeCycleLock(where, host, asking)).rejects.toThrow(LockHeldError);
});

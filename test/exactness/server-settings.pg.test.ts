import { expect, test } from 'vitest';
import { createTestDatabase } from '../postgres/database.ts';
import { createSmallAccount } from './small-account.ts';
import { minuteMs, useSyncKit } from './sync-kit.ts';
import { expectTruth } from './truth.ts';

/** What somebody may have set for a database or a role, long before this tool came. */
test.each([
  ['datestyle', 'German, DMY'],
  ['timezone', 'America/New_York'],
  ['client_encoding', 'LATIN1'],
  ['standard_conforming_strings', 'off'],
  ['default_transaction_isolation', 'serializable'],
  ['default_transaction_isolation', 'repeatable read'],
])('a database with %s set to %s is synced like any other', async (setting, value) => {
  const database = await createTestDatabase();
  await database.sql.unsafe(`alter database ${database.name} set ${setting} = '${value}'`);
  const kit = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { monitors: 2, runs: 9 }),
    pageSize: 4,
    database,
  });
  const { account, clock } = kit;
  account.addRun('m1', { id: 'open' });
  account.updateRun('m1', 'm1-r3', { overlay: { fields: { failedReason: `it's €5 \\ "more" ✓` } } });
  for (const full of [false, false, true]) {
    expect((await kit.cycle({ full })).outcome).toMatchObject({ status: 'succeeded', error: null });
    await expectTruth(database.sql, account);
    clock.advance(minuteMs);
    account.addRun('m2', { outcome: 'completed' });
  }
});

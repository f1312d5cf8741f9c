/** A listing that nobody can take: the rest of it is not worth a request. */
import { expect, test } from 'vitest';
import type { ExaSource } from '../../src/exa/source.ts';
import { verifyWarehouse } from '../../src/sync/verify/verify-warehouse.ts';
import { createVerifyStore } from '../../src/warehouse/reads/verify-store.ts';
import { createSmallAccount } from './small-account.ts';
import { useSyncKit, type SyncKit } from './sync-kit.ts';

const pages = 60;

function useLongListing(): Promise<SyncKit> {
  return useSyncKit({
    account: (clock) => createSmallAccount(clock, { monitors: pages, runs: 0 }),
    pageSize: 1,
  });
}

/** A source that answers for the listing after a look at the database: its word on the first page comes long before the end. */
function slowSource(kit: SyncKit): ExaSource {
  const source = kit.source();
  return {
    ...source,
    listMonitors: async (cursor: string | null) => {
      await kit.testDatabase.sql`select`;
      return source.listMonitors(cursor);
    },
  };
}

test('a cycle whose database refuses the listing asks for no more of it', async () => {
  const kit = await useLongListing();
  await kit.testDatabase.sql`alter table monitors add check (id <> 'm1')`;
  const cycle = await kit.cycle({ wrapSource: () => slowSource(kit) });

  expect(cycle.outcome.status).toBe('failed');
  expect(cycle.failure?.message).toContain('violates check constraint');
  expect(cycle.requests).toBeLessThan(pages / 2);
});

test('a verification whose database is gone asks for no more of the listing', async () => {
  const kit = await useLongListing();
  await kit.testDatabase.sql`drop table monitors cascade`;
  const verified = verifyWarehouse({
    source: slowSource(kit),
    store: createVerifyStore(kit.database, 1),
    only: null,
    sample: null,
    concurrency: 4,
    signal: new AbortController().signal,
    observe: () => undefined,
  });

  await expect(verified).rejects.toThrow('relation "monitors" does not exist');
  expect(kit.simulator.requests.total).toBeLessThan(pages / 2);
});

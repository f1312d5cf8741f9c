import { EventEmitter, once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Sql } from 'postgres';
import { expect, test } from 'vitest';
import { serveSmallAccount, startSync, type ServedAccount } from './sync-process.ts';
import { expectTruth } from './truth.ts';

/** Two lists of three pages; runs lie two days apart, so that an incremental walk reads one page. */
const served = { monitors: 2, runs: 8, stepMs: 2 * 86_400_000 };
const requestsOfAFirstSync = 1 + 2 * 3;

/** Pages of lists that were answered more than once, but for the first ones: after a resumed walk the top is read again. */
function laterPagesReadTwice({ simulator }: ServedAccount): number {
  const pages = simulator.requests.entries
    .filter(({ endpoint, cursor, status }) => endpoint === 'runs' && cursor !== null && status === 200)
    .map(({ monitorId, cursor }) => `${monitorId} ${cursor}`);
  return pages.length - new Set(pages).size;
}

test(
  'killed before any of its requests is answered, which is after each commit, it resumes and is exact',
  { timeout: 240_000 },
  async () => {
    for (let fatal = 1; fatal <= requestsOfAFirstSync; fatal += 1) {
      const account = await serveSmallAccount(served);
      const { simulator, database } = account;
      const doomed = startSync(account);
      simulator.setFaults(({ ordinal }) => {
        if (ordinal !== fatal) return null;
        doomed.kill();
        return { kind: 'hang' };
      });
      expect(await doomed.ended()).toBeNull();
      // What was asked for before was committed: all but the listing are pages of three, three and two runs.
      const [stored] = await database.sql<{ runs: number }[]>`select count(*)::int as runs from monitor_runs`;
      expect(stored?.runs).toBe([0, 0, 3, 6, 8, 11, 14][fatal - 1]);

      const next = startSync(account);
      await next.succeeded();
      await expectTruth(database.sql, account.account);
      expect(laterPagesReadTwice(account)).toBe(0);
      const cycles = await database.sql`select status from sync_cycles order by id`;
      expect(cycles.map(({ status }) => String(status))).toEqual(['interrupted', 'succeeded']);
    }
  },
);

test(
  'killed in the middle of the transaction of any page it leaves all of it or nothing, and one page at most is read twice',
  { timeout: 240_000 },
  async () => {
    // The rows come first, then the checkpoint: neither may be there without the other.
    for (const [page, table] of [
      [1, 'monitor_runs'],
      [2, 'sync_checkpoints'],
      [3, 'monitor_runs'],
    ] as const) {
      const account = await serveSmallAccount({ ...served, monitors: 1 });
      const { simulator, database } = account;
      const doomed = startSync(account);
      const hold = prepareHold(database.sql, table);
      simulator.setFaults(({ endpoint, ordinal }) => {
        // The listing is request one, so the tables are there; the page before this one is committed.
        if (endpoint !== 'runs' || ordinal <= page) return null;
        hold.start();
        // The page may be answered once nothing of it can be committed.
        return hold.isHeld()
          ? null
          : { kind: 'status', status: 429, retryAfter: { style: 'seconds', seconds: 1 } };
      });
      await untilBlocked(database.sql, table);
      doomed.kill();
      expect(await doomed.ended()).toBeNull();
      await hold.release();
      // The server has got the whole page and may commit it after the end of who sent it: then the walk is finished.
      const [stored] = await database.sql<{ runs: number; claimed: number }[]>`
        select (select count(*) from monitor_runs)::int as runs,
          coalesce((select case when last_full_walk_at is null then 3 * (unfinished_walk -> 'pages')::int else 8 end
            from sync_checkpoints), 0) as claimed`;
      expect(stored?.runs).toBe(stored?.claimed);

      simulator.setFaults(null);
      const next = startSync(account);
      await next.succeeded();
      await expectTruth(database.sql, account.account);
      expect(laterPagesReadTwice(account)).toBeLessThanOrEqual(1);
    }
  },
);

test(
  'killed with several walks under way, each of them goes on where it stood',
  { timeout: 120_000 },
  async () => {
    const concurrency = 4;
    // A page for each walk that is open: a quarter more than requests.
    const mostTwice = 5;
    for (const fatal of [17, 25, 33]) {
      const account = await serveSmallAccount({ ...served, monitors: 12 });
      const { simulator, database } = account;
      const doomed = startSync(account, { concurrency });
      simulator.setFaults(({ ordinal }) => {
        if (ordinal === fatal) doomed.kill();
        return null;
      });
      expect(await doomed.ended()).toBeNull();
      simulator.setFaults(null);

      const next = startSync(account, { concurrency });
      await next.succeeded();
      await expectTruth(database.sql, account.account);
      expect(laterPagesReadTwice(account)).toBeLessThanOrEqual(mostTwice);
    }
  },
);

/** Keeps pages from being committed: their statement on this table waits. */
function prepareHold(sql: Sql, table: string) {
  const released = new EventEmitter();
  let held: Promise<unknown> | null = null;
  let isHeld = false;
  return {
    start: () => {
      held ??= sql.begin(async (tx) => {
        await tx`lock table ${tx(table)} in share row exclusive mode`;
        isHeld = true;
        await once(released, 'release');
      });
    },
    isHeld: () => isHeld,
    release: async () => {
      released.emit('release');
      await held;
    },
  };
}

async function untilBlocked(sql: Sql, table: string): Promise<void> {
  for (;;) {
    const waiting = await sql`
      select from pg_stat_activity
      join pg_locks using (pid)
      where datname = current_database() and not granted and relation = to_regclass(${table})`;
    if (waiting.length > 0) return;
    await wait(20);
  }
}

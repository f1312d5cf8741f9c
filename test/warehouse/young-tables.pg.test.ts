import { expect, test } from 'vitest';
import { createCycleStore } from '../../src/warehouse/cycle/cycle-store.ts';
import { openDatabase } from '../../src/warehouse/connection/database.ts';
import { someCheckpoint } from '../builders/some-checkpoint.ts';
import { completedRun } from '../builders/some-run.ts';
import { createTestDatabase } from '../postgres/database.ts';
import { outcomeOf, pageOf, someInstant, websets } from './pages.ts';

const pages = 40;
const runsOnPage = 200;
const firstMs = Date.parse('2026-01-01T00:00:00Z');

type Kind = 'completed' | 'open' | 'with outputs' | 'lacking outputs' | 'expected';

/** A page of a first sync: each run a minute older than the one before. */
function page(ordinal: number, kind: Kind) {
  const monitorId = `m${ordinal % 4}`;
  const runs = Array.from({ length: runsOnPage }, (_, index) => {
    const id = `${ordinal}-${index}`;
    const createdAt = new Date(firstMs - (ordinal * runsOnPage + index) * 60_000).toISOString();
    const result = {
      url: `https://example.com/${id}`,
      title: null,
      published: null,
      author: null,
      text: null,
    };
    return completedRun(id, createdAt, {
      monitorId,
      ...(kind === 'open' ? { status: 'running', completedAt: null } : {}),
      output:
        kind === 'with outputs'
          ? { content: null, grounding: null, results: [{ ...result, extra: null }] }
          : null,
    });
  });
  return pageOf(runs, {
    monitorId,
    answer: ordinal,
    missingBetween:
      kind === 'expected'
        ? { newest: runs[0]?.createdAt ?? null, oldest: runs.at(-1)?.createdAt ?? null, shownBefore: [] }
        : null,
    // A walk that ends asks the most.
    progress: {
      state: 'finished',
      kind: 'full',
      stopReason: 'end_of_list',
      finishedAt: someInstant,
      checkpoint: someCheckpoint({ monitorId }),
    },
  });
}

test.each<Kind>(['completed', 'open', 'with outputs', 'lacking outputs', 'expected'])(
  'no page of a first sync reads a whole table while the server knows nothing of it (runs: %s)',
  async (kind) => {
    const testDatabase = await createTestDatabase();
    const { sql, url } = testDatabase;
    const tables = ['monitor_runs', 'monitor_run_outputs', 'monitor_run_results'];
    // Statistics that come in the middle would save a plan that is wrong without them.
    for (const table of tables) await sql`alter table ${sql(table)} set (autovacuum_enabled = off)`;
    const where = { url, schema: null, maxConnections: 2 };
    const database = openDatabase(where);
    const cycle = await createCycleStore(database, where, { host: 'test', pid: 1 }).openCycle(
      'manual',
      someInstant,
    );
    const store = cycle.source(websets.id);
    for (let ordinal = 1; ordinal <= pages; ordinal += 1) {
      const written = page(ordinal, kind);
      if (kind === 'lacking outputs') await store.findWithoutOutput(written.runs.map(({ id }) => id));
      await store.savePage(written);
    }
    // A session says what it has read at its end at the latest.
    await cycle.close(outcomeOf('succeeded'), someInstant);
    await database.close();
    await expect
      .poll(
        () =>
          sql`select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      )
      .toHaveLength(0);

    const [stored] = await sql`select count(*)::int as runs from monitor_runs`;
    expect(stored).toEqual({ runs: pages * runsOnPage });
    const read = await sql<{ table: string; rows: number }[]>`
      select relname as table, seq_tup_read::int as rows from pg_stat_user_tables where relname in ${sql(tables)}`;
    expect(read).toHaveLength(tables.length);
    for (const { table, rows } of read) expect(rows, table).toBeLessThan(2 * pages * runsOnPage);
  },
);

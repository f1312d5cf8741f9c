import { sql } from 'drizzle-orm';
import type { Database } from '../connection/database.ts';

/** Monitors a statement: short transactions that hold nobody up. */
const batch = 500;
/** Of one in so many monitors everything is counted again, so that each has its turn about daily. */
const parts = 96;

/**
 * Monitors whose row of `monitor_run_summaries` does not say what their runs do: the triggers that keep it were switched
 * off while somebody loaded or changed runs. The newest run of every monitor is looked at, and of one in 96 of them all.
 * @param part which, 0 to 1.
 */
export async function findWrongSummaries(database: Database, part: number): Promise<readonly string[]> {
  const chosen = Math.min(Math.floor(part * parts), parts - 1);
  return database.transaction(async (tx) => {
    const rows = await tx.execute<{ id: string }>(sql`
      select suspect_monitor_run_summaries() as id
      union
      select wrong_monitor_run_summaries(array(
        select id from monitors where abs(hashtext(id)::bigint) % ${parts}::bigint = ${chosen}::bigint
      ))`);
    return rows.map(({ id }) => id);
  });
}

/** Computes the summaries of these monitors anew. */
export async function rebuildSummaries(database: Database, monitorIds: readonly string[]): Promise<void> {
  for (let from = 0; from < monitorIds.length; from += batch) {
    const ids = JSON.stringify(monitorIds.slice(from, from + batch));
    await database.transaction((tx) =>
      tx.execute(
        sql`select refresh_monitor_run_summaries(array(select json_array_elements_text(${ids}::json)))`,
      ),
    );
  }
}

/** What was looked at, and what of it was wrong. */
export interface Rebuilt {
  readonly monitors: number;
  readonly rebuilt: number;
}

/** Looks at everything and computes anew what is wrong. */
export async function rebuildAllSummaries(database: Database): Promise<Rebuilt> {
  const all = await database.transaction((tx) =>
    tx.execute<{ id: string }>(sql`
      select id from monitors union select monitor_id from monitor_run_summaries
      union select monitor_id from monitor_runs`),
  );
  let rebuilt = 0;
  for (let from = 0; from < all.length; from += batch) {
    const ids = JSON.stringify(all.slice(from, from + batch).map(({ id }) => id));
    const wrong = await database.transaction((tx) =>
      tx.execute<{ id: string }>(sql`
        select wrong_monitor_run_summaries(array(select json_array_elements_text(${ids}::json))) as id`),
    );
    await rebuildSummaries(
      database,
      wrong.map(({ id }) => id),
    );
    rebuilt += wrong.length;
  }
  return { monitors: all.length, rebuilt };
}

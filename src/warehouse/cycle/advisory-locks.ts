/**
 * The keys of the advisory locks, each a pair of integers. They belong to one database; the schema in the key makes
 * them belong to one warehouse.
 */
import { sql, type SQL } from 'drizzle-orm';

/** Held by the one cycle that runs. */
export const cycleKey: SQL = sql`hashtext('exa-monitor-sync cycle'), hashtext(coalesce(current_schema(), ''))`;

/** What the writes of a cycle share, and what the start of another one takes alone. */
export const fenceKey: SQL = sql`hashtext('exa-monitor-sync fence'), hashtext(coalesce(current_schema(), ''))`;

/** Held by the session that holds the lock of this cycle, as long as it lives. */
export function aliveKey(cycleId: number): SQL {
  return sql`hashtext('exa-monitor-sync alive ' || coalesce(current_schema(), '')), (${cycleId}::bigint % 2147483647)::integer`;
}

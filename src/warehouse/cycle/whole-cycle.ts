import { sql, type SQL } from 'drizzle-orm';
import { syncCycles } from '../schema.ts';

/**
 * Whether a cycle of `sync_cycles` looked at all monitors that there were, as the view `sync_freshness` has it too: one
 * that was asked for only some (`sync --monitor`) saw fewer, or knows of no others, and says nothing about them.
 */
export const sawAllMonitors: SQL = sql`${syncCycles.asksForAll} and ${syncCycles.monitorsSeen} >= (
  select count(*) from monitors
  where first_synced_at <= ${syncCycles.finishedAt}
    and (absent_since is null or absent_since > ${syncCycles.finishedAt}))`;

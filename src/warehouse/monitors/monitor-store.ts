import { sql } from 'drizzle-orm';
import type { SourceCycle } from '../../sync/ports.ts';
import type { Database } from '../connection/database.ts';
import type { CycleWriter } from '../cycle/write-in-cycle.ts';
import { markMonitorsAbsent, upsertMonitors } from './upsert-monitors.ts';

type MonitorStore = Pick<SourceCycle, 'saveMonitors' | 'findUnlistedMonitors' | 'markMonitorsAbsent'>;

/** The monitors of one source during one cycle. */
export function createMonitorStore(sourceId: number, write: CycleWriter, database: Database): MonitorStore {
  return {
    saveMonitors: async (monitors) => {
      if (monitors.length === 0) return [];
      const [foreign = []] = await write([upsertMonitors(monitors, sourceId)]);
      return foreign.map(({ id, source_id: source, account, api }) => ({
        id: String(id),
        storedUnder: { id: Number(source), account: String(account), api: String(api) },
      }));
    },
    findUnlistedMonitors: async (listed) => {
      const [present = []] = await database.send([
        sql`select id from monitors where absent_since is null and source_id = ${sourceId}`,
      ]);
      const ids = present.map(({ id }) => String(id));
      return { present: ids.length, unlisted: ids.filter((id) => !listed.has(id)) };
    },
    markMonitorsAbsent: async (monitorIds) => {
      await write([markMonitorsAbsent(monitorIds, sourceId)]);
    },
  };
}

import type { Monitor } from '../../sync/model.ts';
import type { SourceCycle } from '../../sync/ports.ts';
import { GroupCommit } from '../connection/group-commit.ts';
import { loadStoredMonitors, type StoredMonitors } from './stored-monitors.ts';
import type { Transaction } from '../connection/transaction.ts';
import { markMonitorsAbsent, upsertMonitors } from './upsert-monitors.ts';

/** Nobody waits for a page of the listing before its end. */
const writers = 1;
const pagesAtOnce = 5;

type MonitorStore = Pick<SourceCycle, 'saveMonitors' | 'findUnlistedMonitors' | 'markMonitorsAbsent'>;

/** The monitors of one source during one cycle. `write` runs a transaction of the cycle. */
export function createMonitorStore(
  sourceId: number,
  write: <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>,
): MonitorStore {
  const changes = new GroupCommit<readonly Monitor[], number>({
    writers,
    write: (group) =>
      write(async (tx) => {
        await upsertMonitors(tx, sourceId, group.flat());
        return group.map(({ length }) => length);
      }),
    // The engine never saves a monitor twice in one listing.
    mayJoin: (group) => group.length < pagesAtOnce,
  });
  let loading: Promise<StoredMonitors> | null = null;
  const stored = (): Promise<StoredMonitors> => (loading ??= write((tx) => loadStoredMonitors(tx, sourceId)));
  return {
    saveMonitors: async (monitors) => {
      const changed = (await stored()).takeChanged(monitors);
      if (changed.length > 0) await changes.save(changed);
      return [];
    },
    findUnlistedMonitors: async (listed) => {
      const monitors = await stored();
      return { present: monitors.size, unlisted: monitors.without(listed) };
    },
    markMonitorsAbsent: async (monitorIds) => {
      (await stored()).forget(monitorIds);
      await write((tx) => markMonitorsAbsent(tx, monitorIds));
    },
  };
}

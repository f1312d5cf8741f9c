import type { Monitor } from '../sync/model.ts';
import type { OpenCycle } from '../sync/ports.ts';
import { GroupCommit } from './group-commit.ts';
import { loadStoredMonitors } from './stored-monitors.ts';
import type { Transaction } from './transaction.ts';
import { markMonitorsAbsent, upsertMonitors } from './upsert-monitors.ts';

/** Nobody waits for a page of the listing before its end. */
const writers = 1;
const pagesAtOnce = 5;

type MonitorStore = Pick<OpenCycle, 'saveMonitors' | 'findUnlistedMonitors' | 'markMonitorsAbsent'>;

/** The monitors during one cycle. `write` runs a transaction of the cycle. */
export function createMonitorStore(
  write: <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>,
): MonitorStore {
  const changes = new GroupCommit<readonly Monitor[], number>({
    writers,
    write: (group) =>
      write(async (tx) => {
        await upsertMonitors(tx, group.flat());
        return group.map(({ length }) => length);
      }),
    // The engine never saves a monitor twice in one listing.
    mayJoin: (group) => group.length < pagesAtOnce,
  });
  // Begun before the first page is asked for: until it is there, pages wait.
  const stored = write(loadStoredMonitors);
  // Every use of it awaits it; a cycle that ends before has nobody who does.
  stored.catch(() => undefined);
  return {
    saveMonitors: async (monitors) => {
      const changed = (await stored).takeChanged(monitors);
      if (changed.length > 0) await changes.save(changed);
    },
    findUnlistedMonitors: async (listed) => (await stored).without(listed),
    markMonitorsAbsent: async (monitorIds) => {
      (await stored).forget(monitorIds);
      await write((tx) => markMonitorsAbsent(tx, monitorIds));
    },
  };
}

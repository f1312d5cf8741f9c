import type { PageToSave, SavedPage } from '../../sync/ports.ts';
import { CopyRefusedError } from '../connection/copy-in.ts';
import { copyOfPages } from './copy-pages.ts';
import type { Database } from '../connection/database.ts';
import { GroupCommit } from '../connection/group-commit.ts';
import { mayJoinPages, savePages } from './save-pages.ts';
import { copyInCycle, writeInCycle } from '../cycle/write-in-cycle.ts';

/** One more transaction than one, so that the database does not wait while a result travels. */
const pageWriters = 2;

/**
 * Saves pages in groups: new runs by COPY, and whatever the server has refused, or might, by an upsert that looks at what
 * is stored.
 */
export function createPageWriter(
  database: Database,
  cycleId: number,
  withRejected: ReadonlySet<string>,
): GroupCommit<PageToSave, SavedPage> {
  /** Monitors of which a run was stored that nobody thought of. */
  const refused = new Set<string>();
  const isNew = ({ presumedNew, monitorId }: PageToSave): boolean =>
    presumedNew && !refused.has(monitorId) && !withRejected.has(monitorId);
  return new GroupCommit<PageToSave, SavedPage>({
    writers: pageWriters,
    write: async (group) => {
      if (group.every(isNew)) {
        try {
          await copyInCycle(database, cycleId, copyOfPages(cycleId, group));
          return group.map(({ runs }) => ({ inserted: runs.length, updated: 0, unchanged: 0, missing: [] }));
        } catch (error) {
          if (!(error instanceof CopyRefusedError)) throw error;
          for (const { monitorId } of group) refused.add(monitorId);
        }
      }
      return writeInCycle(database, cycleId, (tx) =>
        savePages(tx, cycleId, group, (monitorId) => withRejected.has(monitorId)),
      );
    },
    mayJoin: (group, page) =>
      group.every((other) => isNew(other) === isNew(page)) && mayJoinPages(group, page),
  });
}

import type { PageToSave, SavedPage } from '../../sync/ports.ts';
import type { Database } from '../connection/database.ts';
import { GroupCommit } from '../connection/group-commit.ts';
import { mayJoinPages, savePages } from './save-pages.ts';
import { writeInCycle } from '../cycle/write-in-cycle.ts';

/** One more transaction than one, so that the database does not wait while a result travels. */
const pageWriters = 2;

/** Saves the pages of one source in groups. `withRejected` are the monitors that may have rows in `rejected_runs`. */
export function createPageWriter(
  database: Database,
  cycleId: number,
  sourceId: number,
  withRejected: ReadonlySet<string>,
): GroupCommit<PageToSave, SavedPage> {
  return new GroupCommit<PageToSave, SavedPage>({
    writers: pageWriters,
    write: (group) =>
      writeInCycle(database, cycleId, (tx) =>
        savePages(tx, cycleId, sourceId, group, (monitorId) => withRejected.has(monitorId)),
      ),
    mayJoin: mayJoinPages,
  });
}

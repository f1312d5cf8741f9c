import type { RejectedRun, Run } from '../model.ts';
import { instantMs } from '../model.ts';
import { PageGuard } from '../page-guard.ts';
import type { MonitorSource } from '../ports.ts';

/** One page of a monitor's runs, ready to be counted on. */
export interface PageRead {
  /** The accepted runs, each id once, in the API's order. */
  readonly runs: readonly Run[];
  /** `runs` without those that the previous page of this walk showed already. */
  readonly fresh: readonly Run[];
  readonly rejected: readonly RejectedRun[];
  readonly answer: number;
  /** The cursor of the next page; null at the end of the list. */
  readonly nextCursor: string | null;
}

/**
 * Reads a monitor's runs page by page, each only when it is asked for. The sync and `verify` both read through here.
 * `cursor` null starts at the top.
 * @throws PagingError when the list cannot be followed; whatever the source throws.
 */
export async function* readPages(
  source: Pick<MonitorSource, 'listRuns'>,
  monitorId: string,
  cursor: string | null,
): AsyncGenerator<PageRead, void, undefined> {
  const guard = new PageGuard(`runs of monitor ${monitorId}`, cursor);
  let previousIds: ReadonlySet<string> = new Set();
  let next = cursor;
  do {
    const page = await source.listRuns(monitorId, next);
    const runs = withoutRepeats(page.runs);
    const ids = [...runs.map((run) => run.id), ...page.rejected.map((rejected) => rejected.key)];
    next = guard.next(page, ids);
    const seenBefore = previousIds;
    const fresh = runs.filter((run) => !seenBefore.has(run.id));
    previousIds = new Set(ids);
    yield { runs, fresh, rejected: page.rejected, answer: page.answer, nextCursor: next };
  } while (next !== null);
}

/** One statement cannot touch a row twice (SQLSTATE 21000). Of two states in one answer the newer one stays. */
function withoutRepeats(runs: readonly Run[]): readonly Run[] {
  const byId = new Map<string, Run>();
  for (const run of runs) {
    const other = byId.get(run.id);
    if (other === undefined || instantMs(run.updatedAt) > instantMs(other.updatedAt)) byId.set(run.id, run);
  }
  return byId.size === runs.length ? runs : [...byId.values()];
}

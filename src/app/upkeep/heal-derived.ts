import type { Logger } from '../../sync/logger.ts';
import { findWrongSummaries, rebuildSummaries } from '../../warehouse/upkeep/heal-summaries.ts';
import type { Warehouse } from '../open-warehouse.ts';

/** Before a cycle: what is derived from the runs and does not say what they do is computed anew, and told. */
export async function healDerived(
  { database }: Pick<Warehouse, 'database'>,
  random: () => number,
  logger: Logger,
): Promise<void> {
  const wrong = await findWrongSummaries(database, random());
  if (wrong.length === 0) return;
  await rebuildSummaries(database, wrong);
  logger.warn(
    { monitors: wrong.length },
    'summaries of runs were computed anew: runs were changed with triggers off, or the day of one dated in the future has come',
  );
}

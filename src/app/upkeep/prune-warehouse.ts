import type { Clock } from '../../sync/ports.ts';
import { pruneRecords, type Pruned } from '../../warehouse/upkeep/prune.ts';
import type { Warehouse } from '../open-warehouse.ts';

const dayMs = 86_400_000;

/** Deletes records older than so many days; 0: nothing is ever deleted. */
export async function pruneWarehouse(
  { database }: Pick<Warehouse, 'database'>,
  clock: Clock,
  retentionDays: number,
): Promise<Pruned> {
  if (retentionDays === 0) return { cycles: 0, rejectedRuns: 0 };
  const cutoff = new Date(clock.now() - retentionDays * dayMs).toISOString();
  return pruneRecords(database, cutoff, retentionDays);
}

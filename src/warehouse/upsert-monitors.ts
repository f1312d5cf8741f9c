import { and, inArray, isNull, sql } from 'drizzle-orm';
import type { Monitor } from '../sync/model.ts';
import { createRecordSet } from './record-set.ts';
import { monitors } from './schema.ts';
import type { Transaction } from './transaction.ts';

// Not `lastRun`: it moves with every run and is evidence, not data.
export const monitorRecords = createRecordSet(monitors, [
  'websetId',
  'status',
  'cadenceCron',
  'cadenceTimezone',
  'behavior',
  'metadata',
  'nextRunAt',
  'createdAt',
  'updatedAt',
  'extra',
]);

/** Upserts monitors with distinct ids; unchanged ones are not touched. */
export async function upsertMonitors(tx: Transaction, listed: readonly Monitor[]): Promise<void> {
  if (listed.length === 0) return;
  await tx
    .insert(monitors)
    .select(
      sql`select incoming.id, ${monitorRecords.incoming}, null, now(), now()
        from ${monitorRecords.from(listed)}
        left join monitors stored on stored.id = incoming.id
        where stored.id is null or stored.absent_since is not null or ${monitorRecords.storedDiffers}`,
    )
    .onConflictDoUpdate({
      target: monitors.id,
      set: { ...monitorRecords.set, absentSince: null, changedAt: sql`now()` },
    });
}

/** Ids of stored monitors that are not marked absent and not in `listed`. */
export async function findUnlistedMonitors(
  tx: Transaction,
  listed: ReadonlySet<string>,
): Promise<readonly string[]> {
  const stored = await tx.select({ id: monitors.id }).from(monitors).where(isNull(monitors.absentSince));
  return stored.map(({ id }) => id).filter((id) => !listed.has(id));
}

export async function markMonitorsAbsent(tx: Transaction, monitorIds: readonly string[]): Promise<void> {
  await tx
    .update(monitors)
    .set({ absentSince: sql`now()`, changedAt: sql`now()` })
    .where(and(inArray(monitors.id, [...monitorIds]), isNull(monitors.absentSince)));
}

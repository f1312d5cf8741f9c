import { and, inArray, isNull, sql } from 'drizzle-orm';
import type { Monitor } from '../../sync/model.ts';
import { monitorRecords } from './monitor-content.ts';
import { monitors } from '../schema.ts';
import type { Transaction } from '../connection/transaction.ts';

/** Upserts monitors with distinct ids; unchanged ones are not touched. */
export async function upsertMonitors(
  tx: Transaction,
  sourceId: number,
  listed: readonly Monitor[],
): Promise<void> {
  if (listed.length === 0) return;
  await tx
    .insert(monitors)
    .select(
      sql`select incoming.id, ${monitorRecords.incoming}, null, now(), now(), ${sourceId}::smallint, null, null, null
        from ${monitorRecords.from(listed)}
        left join monitors stored on stored.id = incoming.id
        where stored.id is null or stored.absent_since is not null or ${monitorRecords.storedDiffers}`,
    )
    .onConflictDoUpdate({
      target: monitors.id,
      set: { ...monitorRecords.set, absentSince: null, changedAt: sql`now()` },
    });
}

export async function markMonitorsAbsent(tx: Transaction, monitorIds: readonly string[]): Promise<void> {
  await tx
    .update(monitors)
    .set({ absentSince: sql`now()`, changedAt: sql`now()` })
    .where(and(inArray(monitors.id, [...monitorIds]), isNull(monitors.absentSince)));
}

import { notInArray, sql } from 'drizzle-orm';
import type { Database } from '../connection/database.ts';
import { instantOf } from '../connection/instant.ts';
import { syncIncidents } from '../watch-schema.ts';

/** What can be wrong with the sync as a whole; of each kind one thing at a time. */
export type IncidentKind = (typeof syncIncidents.$inferSelect)['kind'];

/** Something that is wrong until a cycle shows that it is over. */
export interface Incident {
  readonly kind: IncidentKind;
  /** When the first cycle ended that showed it; RFC 3339. */
  readonly since: string;
  /** Cycles that have shown it. */
  readonly cycles: number;
  /** Whether an alert has gone out. */
  readonly told: boolean;
}

export function loadIncidents(database: Database): Promise<readonly Incident[]> {
  return database.transaction(async (tx) => {
    const rows = await tx.select().from(syncIncidents);
    return rows.map((row) => ({ ...row, since: instantOf(row.since) }));
  });
}

/** Makes these the ones that are. */
export function saveIncidents(database: Database, incidents: readonly Incident[]): Promise<void> {
  return database.transaction(async (tx) => {
    const kinds = incidents.map(({ kind }) => kind);
    await tx
      .delete(syncIncidents)
      .where(kinds.length === 0 ? sql`true` : notInArray(syncIncidents.kind, kinds));
    if (kinds.length === 0) return;
    await tx
      .insert(syncIncidents)
      .values(incidents.map((incident) => ({ ...incident })))
      .onConflictDoUpdate({
        target: syncIncidents.kind,
        set: { since: sql`excluded.since`, cycles: sql`excluded.cycles`, told: sql`excluded.told` },
      });
  });
}

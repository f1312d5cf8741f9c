/** Tables of what is watched: changes of monitors, the runs that were due, and what is wrong with the sync itself. */
import {
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
} from 'drizzle-orm/pg-core';
import type { JsonValue } from '../sync/model.ts';
import { instant } from './schema.ts';

/** What of a monitor changed, as the sync saw it; `next_run_at`, which moves with every run, is no change. */
export const monitorChanges = pgTable(
  'monitor_changes',
  {
    monitorId: text('monitor_id').notNull(),
    field: text('field').notNull(),
    valueBefore: jsonb('value_before').$type<JsonValue>(),
    valueAfter: jsonb('value_after').$type<JsonValue>(),
    /** The monitor's `updated_at` in the listing that showed it; when it was seen, if that has not moved. */
    changedAt: instant('changed_at').notNull(),
    seenAt: instant('seen_at').notNull().defaultNow(),
  },
  (table) => [index('monitor_changes_monitor_idx').on(table.monitorId, table.seenAt)],
);

/** The schedule of a monitor as it was last judged, and up to where its due times have been. */
export const monitorSchedules = pgTable('monitor_schedules', {
  monitorId: text('monitor_id').primaryKey(),
  /** What it was judged by: whether it was active, and the columns that say when it fires. */
  scheduleKey: text('schedule_key').notNull(),
  /** Since when it has stood so: what was due before is not judged. */
  knownSince: instant('known_since').notNull(),
  longestGapSeconds: doublePrecision('longest_gap_seconds'),
  /** The first due time that has not been judged yet; null: nothing is due. */
  nextDueAt: instant('next_due_at'),
});

/** A time at which a run was due and none came in time. */
export const missedRuns = pgTable(
  'missed_runs',
  {
    monitorId: text('monitor_id').notNull(),
    dueAt: instant('due_at').notNull(),
    /** The due time after it: a run that comes before that one may still be the missing one. */
    nextDueAt: instant('next_due_at').notNull(),
    /** A run created up to here was in time. */
    inTimeUntil: instant('in_time_until').notNull(),
    noticedAt: instant('noticed_at').notNull(),
    /** The run that came late; null: none. */
    lateRunId: text('late_run_id'),
    lateBySeconds: doublePrecision('late_by_seconds'),
  },
  (table) => [primaryKey({ columns: [table.monitorId, table.dueAt] })],
);

/** What is wrong with the sync as a whole, so that it is told once, whichever process runs the next cycle. */
export const syncIncidents = pgTable('sync_incidents', {
  kind: text('kind').$type<'failed' | 'partial' | 'stale' | 'account'>().primaryKey(),
  /** When the first cycle ended that showed it. */
  since: instant('since').notNull(),
  /** Cycles that have shown it. */
  cycles: integer('cycles').notNull(),
  /** Whether an alert has gone out. */
  told: boolean('told').notNull(),
});

/**
 * The warehouse's tables. Unqualified on purpose: `DATABASE_SCHEMA` moves them by `search_path`.
 *
 * Column names are the analysts' interface. Instants are `timestamptz` at Postgres' microseconds, read back as
 * strings. There are no foreign keys: a run may be stored before its monitor's next change, history outlives both,
 * and a check per row would cost the writer more than the one cycle at a time that already keeps them consistent.
 */
import { sql } from 'drizzle-orm';
import {
  bigint,
  bigserial,
  boolean,
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  smallint,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import {
  finalStatuses,
  type JsonObject,
  type JsonValue,
  type RunState,
  type UnfinishedWalk,
} from '../sync/model.ts';

/** In SQL, for `in`. Literals, as the partial indexes spell them: a parameter would hide those from the planner. */
export const finalStatusList = sql.raw(`(${finalStatuses.map((status) => `'${status}'`).join(', ')})`);

/** True for a run that can still change and that the API has: what `monitor_runs_open_idx` finds. */
export const isOpenRun = sql`status not in ${finalStatusList} and absent_since is null`;

/** `timestamptz` as a string. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' });

/** An Exa team. What identifies it guards against the key of another one. */
export const syncAccounts = pgTable('sync_accounts', {
  name: text('name').primaryKey(),
  /** As the API tells; null: it has not told. */
  teamId: text('team_id'),
  teamName: text('team_name'),
  /** Of the key that the team was asked for with; not the key. */
  keyFingerprint: text('key_fingerprint'),
  identifiedAt: instant('identified_at'),
});

/** One API of one account. Source 1 is Websets of the account `default`: what rows belong to unless they say otherwise. */
export const syncSources = pgTable(
  'sync_sources',
  {
    id: smallint('id').primaryKey().generatedByDefaultAsIdentity(),
    account: text('account').notNull(),
    api: text('api').notNull(),
    /** When it could be read last; null: never. */
    readableAt: instant('readable_at'),
    /** Since when the API says that this account has no access to it; null: it has, or nobody knows. */
    unavailableSince: instant('unavailable_since'),
    unavailableReason: text('unavailable_reason'),
    /** When that was asked last. */
    askedAt: instant('asked_at'),
  },
  (table) => [uniqueIndex('sync_sources_account_api_idx').on(table.account, table.api)],
);

const sourceId = () => smallint('source_id').notNull().default(1);

export const monitors = pgTable('monitors', {
  id: text('id').primaryKey(),
  websetId: text('webset_id'),
  status: text('status').notNull(),
  cadenceCron: text('cadence_cron'),
  cadenceTimezone: text('cadence_timezone'),
  behavior: jsonb('behavior').$type<JsonObject>().notNull(),
  metadata: jsonb('metadata').$type<JsonObject>().notNull(),
  nextRunAt: instant('next_run_at'),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
  extra: jsonb('extra').$type<JsonObject>(),
  absentSince: instant('absent_since'),
  firstSyncedAt: instant('first_synced_at').notNull().defaultNow(),
  changedAt: instant('changed_at').notNull().defaultNow(),
  sourceId: sourceId(),
  name: text('name'),
  trigger: jsonb('trigger').$type<JsonObject>(),
  outputSchema: jsonb('output_schema').$type<JsonObject>(),
});

export const monitorRuns = pgTable(
  'monitor_runs',
  {
    id: text('id').primaryKey(),
    monitorId: text('monitor_id').notNull(),
    status: text('status').notNull(),
    type: text('type'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    completedAt: instant('completed_at'),
    failedAt: instant('failed_at'),
    failedReason: text('failed_reason'),
    canceledAt: instant('canceled_at'),
    extra: jsonb('extra').$type<JsonObject>(),
    finishedAt: instant('finished_at').generatedAlwaysAs(sql`coalesce(completed_at, failed_at, canceled_at)`),
    durationSeconds: doublePrecision('duration_seconds').generatedAlwaysAs(
      sql`extract(epoch from coalesce(completed_at, failed_at, canceled_at) - created_at)::double precision`,
    ),
    absentSince: instant('absent_since'),
    firstSyncedAt: instant('first_synced_at').notNull().defaultNow(),
    changedAt: instant('changed_at').notNull().defaultNow(),
    /** Ordinal of the API answer that this content came from: cycle id × 2³² + the answer's ordinal in its cycle. */
    answer: bigint('answer', { mode: 'bigint' }).notNull(),
    sourceId: sourceId(),
    startedAt: instant('started_at'),
  },
  (table) => [
    // One monitor's runs in their order; and, since it holds all that rates and percentiles need, any span of UTC days of
    // all monitors without touching the table.
    index('monitor_runs_monitor_day_idx').on(
      table.monitorId,
      sql`((created_at at time zone 'UTC')::date)`,
      table.createdAt,
      table.status,
      table.durationSeconds,
    ),
    index('monitor_runs_failed_idx')
      .on(table.createdAt)
      .where(sql`status = 'failed'`),
    // Loads of what is new: rows lie on disk about in the order in which they were written, so a few kilobytes suffice.
    index('monitor_runs_changed_at_idx').using('brin', table.changedAt).with({ autosummarize: true }),
    index('monitor_runs_open_idx').on(table.monitorId, table.createdAt).where(isOpenRun),
    index('monitor_runs_absent_open_idx')
      .on(table.monitorId)
      .where(sql`status not in ${finalStatusList} and absent_since is not null`),
  ],
);

/**
 * What `monitor_health` says of a monitor's runs, one row a monitor. Triggers on `monitor_runs` keep it exact in the
 * transaction of every change, whoever makes it: counting 90 days of every monitor takes longer than a page may load.
 */
export const monitorRunSummaries = pgTable('monitor_run_summaries', {
  monitorId: text('monitor_id').primaryKey(),
  lastRunId: text('last_run_id'),
  lastRunAt: instant('last_run_at'),
  lastRunStatus: text('last_run_status'),
  lastSuccessAt: instant('last_success_at'),
  failureStreak: integer('failure_streak').notNull().default(0),
  newestDay: date('newest_day'),
  /** Element n: completed runs created on the newest day or the n - 1 days before it. */
  completedWithin: integer('completed_within').array(),
  failedWithin: integer('failed_within').array(),
  /** When a run dated in the future begins to count, so that the row has to be computed anew; null: there is none. */
  dueOn: date('due_on'),
});

export const monitorRunStatusChanges = pgTable(
  'monitor_run_status_changes',
  {
    runId: text('run_id').notNull(),
    monitorId: text('monitor_id').notNull(),
    /** Null: the sync first saw the run in `toStatus`, which was not final yet. */
    fromStatus: text('from_status'),
    toStatus: text('to_status').notNull(),
    /** The run's `updated_at` in the answer that showed the change. */
    changedAt: instant('changed_at').notNull(),
    seenAt: instant('seen_at').notNull().defaultNow(),
    answer: bigint('answer', { mode: 'bigint' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.answer] })],
);

/** What a run found, of the newest answer that showed it. */
export const monitorRunOutputs = pgTable('monitor_run_outputs', {
  runId: text('run_id').primaryKey(),
  content: jsonb('content').$type<JsonValue>(),
  grounding: jsonb('grounding').$type<JsonValue>(),
  results: integer('results').notNull(),
  answer: bigint('answer', { mode: 'bigint' }).notNull(),
});

/** A page that a run found. */
export const monitorRunResults = pgTable(
  'monitor_run_results',
  {
    runId: text('run_id').notNull(),
    /** From 1, in the API's order. */
    position: integer('position').notNull(),
    url: text('url'),
    title: text('title'),
    published: text('published'),
    author: text('author'),
    text: text('text'),
    extra: jsonb('extra').$type<JsonObject>(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.position] })],
);

export const syncCheckpoints = pgTable('sync_checkpoints', {
  monitorId: text('monitor_id').primaryKey(),
  syncedThrough: instant('synced_through'),
  lastFullWalkAt: instant('last_full_walk_at'),
  /** The newest run that the last finished walk saw; its form is the engine's own. */
  newestRun: jsonb('newest_run').$type<RunState>(),
  nextRunAt: instant('next_run_at'),
  /** Where a walk goes on that has not come to its end; its form is the engine's own. */
  unfinishedWalk: jsonb('unfinished_walk').$type<UnfinishedWalk>(),
  /** The list was seen not to descend: it is read whole. */
  listRose: boolean('list_rose').notNull().default(false),
  /** Answers contradicted each other: the next cycle reads the list. */
  lookAgain: boolean('look_again').notNull().default(false),
  /** Open runs that the API answered 404 for once. */
  notFoundOnce: jsonb('not_found_once').$type<readonly string[]>(),
  lastWalkKind: text('last_walk_kind').$type<'full' | 'incremental' | 'since'>(),
  lastWalkAt: instant('last_walk_at'),
  stopReason: text('stop_reason'),
  lastError: text('last_error'),
  lastErrorAt: instant('last_error_at'),
  consecutiveFailures: integer('consecutive_failures').notNull().default(0),
});

export const syncCycles = pgTable(
  'sync_cycles',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    startedAt: instant('started_at').notNull().defaultNow(),
    finishedAt: instant('finished_at'),
    status: text('status').$type<'running' | 'succeeded' | 'partial' | 'failed' | 'interrupted'>().notNull(),
    trigger: text('trigger').$type<'manual' | 'schedule'>().notNull(),
    host: text('host').notNull(),
    pid: integer('pid').notNull(),
    /** It was to read all monitors of all sources: no `--monitor`, `--account` or `--api`. */
    asksForAll: boolean('asks_for_all').notNull().default(true),
    monitorsSeen: integer('monitors_seen').notNull().default(0),
    monitorsSkipped: integer('monitors_skipped').notNull().default(0),
    monitorsWalked: integer('monitors_walked').notNull().default(0),
    monitorsFailed: integer('monitors_failed').notNull().default(0),
    runsInserted: integer('runs_inserted').notNull().default(0),
    runsUpdated: integer('runs_updated').notNull().default(0),
    runsUnchanged: integer('runs_unchanged').notNull().default(0),
    runsRejected: integer('runs_rejected').notNull().default(0),
    requests: integer('requests').notNull().default(0),
    retries: integer('retries').notNull().default(0),
    waits: integer('waits').notNull().default(0),
    waitedSeconds: doublePrecision('waited_seconds').notNull().default(0),
    error: text('error'),
  },
  (table) => [index('sync_cycles_started_at_idx').on(table.startedAt)],
);

/** What one source brought to a cycle, and why it stopped if it did. */
export const syncCycleSources = pgTable(
  'sync_cycle_sources',
  {
    cycleId: bigint('cycle_id', { mode: 'number' }).notNull(),
    sourceId: smallint('source_id').notNull(),
    status: text('status').notNull(),
    monitorsSeen: integer('monitors_seen').notNull().default(0),
    monitorsSkipped: integer('monitors_skipped').notNull().default(0),
    monitorsWalked: integer('monitors_walked').notNull().default(0),
    monitorsFailed: integer('monitors_failed').notNull().default(0),
    runsInserted: integer('runs_inserted').notNull().default(0),
    runsUpdated: integer('runs_updated').notNull().default(0),
    runsUnchanged: integer('runs_unchanged').notNull().default(0),
    runsRejected: integer('runs_rejected').notNull().default(0),
    requests: integer('requests').notNull().default(0),
    retries: integer('retries').notNull().default(0),
    error: text('error'),
  },
  (table) => [primaryKey({ columns: [table.cycleId, table.sourceId] })],
);

export const rejectedRuns = pgTable(
  'rejected_runs',
  {
    monitorId: text('monitor_id').notNull(),
    /** The run's id, or a digest of the payload when it has no usable id. */
    runKey: text('run_key').notNull(),
    reason: text('reason').notNull(),
    payload: jsonb('payload').$type<JsonValue>().notNull(),
    firstRejectedAt: instant('first_rejected_at').notNull().defaultNow(),
    rejectedAt: instant('rejected_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.monitorId, table.runKey] })],
);

import type { Sql, TransactionSql } from 'postgres';
import { beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../postgres/database.ts';

interface Case {
  /** Runs, newest first, a letter each: Completed, Failed, canceled (X), Open, paused (P, a status of tomorrow). */
  readonly runs: string;
  /** Hours before now at which they were created; default: the first an hour ago, then one each day. */
  readonly hours?: readonly number[];
  readonly status?: string;
  readonly absent?: boolean;
  readonly coveredHoursAgo?: number | null;
  readonly nextRunInHours?: number;
  /** What else monitor_health says. */
  readonly shows?: Readonly<Record<string, unknown>>;
}

const minute = 1 / 60;

/** The rule of the column's comment, at the edges of each of its conditions. */
const cases: Readonly<Record<string, readonly [string, Case]>> = {
  'three failures in a row': ['failing', { runs: 'FFFC', shows: { failure_streak: 3 } }],
  'three with canceled, open and unknown ones between': [
    'failing',
    { runs: 'FXFOPFC', shows: { failure_streak: 3 } },
  ],
  'two in a row of four': ['degraded', { runs: 'FFCC', shows: { failure_streak: 2 } }],
  'two of three in a week': ['failing', { runs: 'CFF', shows: { failure_streak: 0, rated_runs_7d: 3 } }],
  'one of two in a week': ['degraded', { runs: 'CF' }],
  'a first run that failed': ['degraded', { runs: 'F', shows: { failure_rate_7d: 1, rated_runs_7d: 1 } }],
  'one of ten in 30 days': ['degraded', { runs: 'CCCCCCCCCF', shows: { failure_rate_30d: 0.1 } }],
  'one of eleven in 30 days': ['healthy', { runs: 'CCCCCCCCCCF' }],
  'one that failed 30 days before': [
    'healthy',
    { runs: 'CF', hours: [1, 30 * 24], shows: { failure_rate_90d: 0.5 } },
  ],
  'an open run of more than a day': [
    'degraded',
    { runs: 'CO', hours: [1, 24 + minute], shows: { stuck_runs: 1 } },
  ],
  'an open run of a day less a minute': [
    'healthy',
    { runs: 'CO', hours: [1, 24 - minute], shows: { open_runs: 1 } },
  ],
  'a run of an unknown status, days old': [
    'degraded',
    { runs: 'CP', hours: [1, 72], shows: { stuck_runs: 1 } },
  ],
  'a monitor without runs': [
    'no_runs',
    { runs: '', shows: { failure_rate_7d: null, rated_runs_7d: 0, last_run_at: null } },
  ],
  'only canceled and open runs': [
    'no_runs',
    { runs: 'XO', hours: [1, 2], shows: { failure_rate_90d: null } },
  ],
  'a monitor that was never read': ['stale', { runs: 'C', coveredHoursAgo: null }],
  'read more than a day ago': ['stale', { runs: 'C', coveredHoursAgo: 24 + minute }],
  'read a day ago less a minute': ['healthy', { runs: 'C', coveredHoursAgo: 24 - minute }],
  'overdue for more than a day': [
    'stale',
    { runs: 'C', nextRunInHours: -24 - minute, shows: { overdue: true } },
  ],
  'overdue for a day less a minute': [
    'healthy',
    { runs: 'C', nextRunInHours: -24 + minute, shows: { overdue: true } },
  ],
  'stale and failing': ['stale', { runs: 'FFF', coveredHoursAgo: 48, shows: { failure_streak: 3 } }],
  'disabled, failing and past its next run': [
    'disabled',
    { runs: 'FFF', status: 'disabled', nextRunInHours: -48, shows: { overdue: false } },
  ],
  'a monitor of an unknown status': ['disabled', { runs: 'C', status: 'archived' }],
  'a monitor that Exa no longer has': [
    'disabled',
    { runs: 'FFF', absent: true, nextRunInHours: -48, shows: { overdue: false } },
  ],
};

const statuses: Readonly<Record<string, string>> = {
  C: 'completed',
  F: 'failed',
  X: 'canceled',
  O: 'running',
  P: 'paused',
};

async function store(sql: TransactionSql, id: string, wanted: Case): Promise<void> {
  const { runs, hours, status = 'enabled', absent = false, coveredHoursAgo = 1, nextRunInHours = 5 } = wanted;
  await sql`insert into monitors (id, webset_id, status, cadence_cron, cadence_timezone, behavior, metadata, next_run_at,
      created_at, updated_at, absent_since)
    values (${id}, 'w', ${status}, '0 6 * * *', 'Etc/UTC', '{}', '{}', now() + ${nextRunInHours} * interval '1 hour', now(),
      now(), case when ${absent} then now() end)`;
  if (coveredHoursAgo !== null) {
    await sql`insert into sync_checkpoints (monitor_id, synced_through, last_walk_at)
      values (${id}, now() - ${coveredHoursAgo} * interval '1 hour', now())`;
  }
  for (const [index, letter] of Array.from(runs).entries()) {
    await sql`insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, answer)
      values (${`${id} ${index}`}, ${id}, ${statuses[letter] ?? ''}, 'search',
        now() - ${hours?.[index] ?? 1 + 24 * index} * interval '1 hour', now(), 1)`;
  }
}

let sql: Sql;

beforeAll(async () => {
  ({ sql } = await createTestDatabase());
});

it.each(Object.entries(cases))('%s', async (name, [verdict, wanted]) => {
  // One transaction, so that now() is one moment.
  await sql.begin(async (tx) => {
    await store(tx, name, wanted);
    const [row] = await tx`select * from monitor_health where monitor_id = ${name}`;
    expect(row).toMatchObject({ monitor_id: name, verdict, ...wanted.shows });
  });
});

it('a monitor that cannot be read is not covered by the cycle that could not', async () => {
  const database = await createTestDatabase();
  await database.sql.begin(async (tx) => {
    await store(tx, 'readable', { runs: 'C', coveredHoursAgo: 30 });
    await store(tx, 'unreadable', { runs: 'C', coveredHoursAgo: 30 });
    await tx`update monitors set first_synced_at = now() - interval '9 days'`;
    await tx`update sync_checkpoints set consecutive_failures = 1 where monitor_id = 'unreadable'`;
    await tx`insert into sync_cycles (started_at, finished_at, status, trigger, host, pid, monitors_seen)
      values (now() - interval '2 minutes', now() - interval '1 minute', 'partial', 'manual', 'h', 1, 2)`;
    const rows = await tx`select monitor_id, verdict from monitor_health order by monitor_id`;
    expect(rows).toEqual([
      { monitor_id: 'readable', verdict: 'healthy' },
      { monitor_id: 'unreadable', verdict: 'stale' },
    ]);
    const [all] = await tx`select is_stale, covered_through < now() - interval '29 hours' as is_old
      from sync_freshness where scope = 'all'`;
    expect(all).toEqual({ is_stale: true, is_old: true });
  });
});

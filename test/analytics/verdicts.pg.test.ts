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
  /** The longest gap of its schedule; null: it has none. Default: a day. */
  readonly gapDays?: number | null;
  readonly createdDaysAgo?: number;
  /** Runs that were due on the last days and did not come. */
  readonly missed?: number;
  /** What else monitor_health says. */
  readonly shows?: Readonly<Record<string, unknown>>;
}

const minute = 1 / 60;

/** The rule of the column's comment, at the edges of each of its conditions. */
const cases: Readonly<Record<string, readonly [string, Case]>> = {
  'three failures in a row': [
    'failing',
    {
      runs: 'FFFC',
      shows: { failure_streak: 3, verdict_reasons: ['streak:3', 'rate:0.75 of 4', 'no_success_for:3d'] },
    },
  ],
  'three with canceled, open and unknown ones between': [
    'failing',
    { runs: 'FXFOPFC', hours: [1, 2, 3, 4, 5, 6, 7], shows: { failure_streak: 3 } },
  ],
  'two in a row of a daily one': [
    'degraded',
    { runs: 'FFCC', shows: { verdict_reasons: ['streak:2', 'rate:0.50 of 4'] } },
  ],
  'two in a row of a weekly one': ['failing', { runs: 'FFCC', hours: [1, 169, 337, 505], gapDays: 7 }],
  'one in a row': ['healthy', { runs: 'FCCC' }],
  'nearly all, but not the last': ['failing', { runs: 'CFFFFFFFFFFFFF', shows: { failure_streak: 0 } }],
  'two of four': ['degraded', { runs: 'CFCF', shows: { verdict_reasons: ['rate:0.50 of 4'] } }],
  'one of four': ['healthy', { runs: 'CFCC' }],
  'a first run that failed': [
    'unproven',
    {
      runs: 'F',
      createdDaysAgo: 1,
      shows: { failure_rate_7d: 1, rated_runs_7d: 1, verdict_reasons: ['too_few:1'] },
    },
  ],
  'seven of thirty': ['degraded', { runs: 'CFCCFCCFCCFCCFCCFCCFCCCCCCCCCC' }],
  'six of thirty': ['healthy', { runs: 'CFCCFCCFCCFCCFCCFCCCCCCCCCCCCC' }],
  'a monthly one, of which two of three failed': [
    'degraded',
    { runs: 'CFF', hours: [1, 721, 1441], gapDays: 31, shows: { rated_runs_30d: 1, rated_runs_90d: 3 } },
  ],
  'an open run of more than a day': [
    'degraded',
    { runs: 'CCCO', hours: [1, 2, 3, 24 + minute], shows: { stuck_runs: 1, verdict_reasons: ['stuck:1'] } },
  ],
  'an open run of a day less a minute': [
    'healthy',
    { runs: 'CCCO', hours: [1, 2, 3, 24 - minute], shows: { open_runs: 1 } },
  ],
  'ten runs of which nine hang': [
    'failing',
    {
      runs: 'OOOOOOOOOC',
      hours: [48, 49, 50, 51, 52, 53, 54, 55, 56, 60],
      gapDays: 7,
      shows: { verdict_reasons: ['stuck:9'] },
    },
  ],
  'a daily one without a run for 40 days': [
    'silent',
    {
      runs: 'CCC',
      hours: [960, 984, 1008],
      shows: { verdict_reasons: ['silent_for:40d', 'no_success_for:40d'] },
    },
  ],
  'a daily one of which every run was canceled for 40 days': [
    'silent',
    { runs: 'X'.repeat(40), shows: { verdict_reasons: ['no_success_ever'] } },
  ],
  'one of every six hours, silent for five days': [
    'silent',
    {
      runs: 'CCC',
      hours: [120, 126, 132],
      gapDays: 0.25,
      shows: { verdict_reasons: ['silent_for:5d', 'no_success_for:5d'] },
    },
  ],
  'a weekday one, silent for eight days': ['silent', { runs: 'CCC', hours: [192, 216, 240], gapDays: 3 }],
  'a weekday one on Monday morning': ['healthy', { runs: 'CCC', hours: [72, 96, 120], gapDays: 3 }],
  'a daily one, six hours late': ['healthy', { runs: 'CCC', hours: [30, 54, 78] }],
  'a daily one, later than that': ['silent', { runs: 'CCC', hours: [30 + minute, 54, 78] }],
  'two missed runs': ['degraded', { runs: 'CCCC', missed: 2, shows: { verdict_reasons: ['missed:2'] } }],
  'one missed run': ['healthy', { runs: 'CCCC', missed: 1, shows: { verdict_reasons: ['missed:1'] } }],
  'a monitor by hand, quiet for a month': ['silent', { runs: 'CCC', hours: [720, 744, 768], gapDays: null }],
  'a new monitor without runs': [
    'unproven',
    {
      runs: '',
      createdDaysAgo: 1,
      shows: { failure_rate_7d: null, rated_runs_7d: 0, last_run_at: null, verdict_reasons: ['no_runs'] },
    },
  ],
  'an old monitor without runs': [
    'silent',
    { runs: '', shows: { verdict_reasons: ['silent_for:100d', 'no_runs'] } },
  ],
  'only canceled and open runs of today': [
    'unproven',
    {
      runs: 'XO',
      hours: [1, 2],
      createdDaysAgo: 1,
      shows: { failure_rate_90d: null, verdict_reasons: ['too_few:0'] },
    },
  ],
  'a monitor that was never read': [
    'healthy',
    { runs: 'CCC', coveredHoursAgo: null, shows: { is_stale: true } },
  ],
  'read more than a day ago': [
    'healthy',
    { runs: 'CCC', coveredHoursAgo: 24 + minute, shows: { is_stale: true } },
  ],
  'stale and failing': ['failing', { runs: 'FFF', coveredHoursAgo: 48, shows: { is_stale: true } }],
  'a silence that nobody has read': ['healthy', { runs: 'CCC', hours: [96, 120, 144], coveredHoursAgo: 95 }],
  'disabled, failing and past its next run': [
    'disabled',
    { runs: 'FFF', status: 'disabled', nextRunInHours: -48, shows: { overdue: false, verdict_reasons: [] } },
  ],
  'active, as the other API has it': ['healthy', { runs: 'CCC', status: 'active' }],
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
  const { runs, hours, status = 'enabled', absent = false, coveredHoursAgo = 0, nextRunInHours = 5 } = wanted;
  const { gapDays = 1, missed = 0, createdDaysAgo = 100 } = wanted;
  await sql`insert into monitors (id, webset_id, status, cadence_cron, cadence_timezone, behavior, metadata, next_run_at,
      created_at, updated_at, absent_since)
    values (${id}, 'w', ${status}, '0 6 * * *', 'Etc/UTC', '{}', '{}', now() + ${nextRunInHours} * interval '1 hour',
      now() - ${createdDaysAgo} * interval '1 day', now(), case when ${absent} then now() end)`;
  if (coveredHoursAgo !== null) {
    await sql`insert into sync_checkpoints (monitor_id, synced_through, last_walk_at)
      values (${id}, now() - ${coveredHoursAgo} * interval '1 hour', now())`;
  }
  await sql`insert into monitor_schedules (monitor_id, schedule_key, known_since, longest_gap_seconds)
    values (${id}, 'any', 'epoch', ${gapDays === null ? null : gapDays * 86_400})`;
  await sql`insert into missed_runs (monitor_id, due_at, next_due_at, in_time_until, noticed_at)
    select ${id}, now() - age * interval '1 day', now() - (age - 1) * interval '1 day', now(), now()
    from generate_series(1, ${missed}) as age`;
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
    await store(tx, 'readable', { runs: 'CCC', coveredHoursAgo: 30 });
    await store(tx, 'unreadable', { runs: 'CCC', coveredHoursAgo: 30 });
    await tx`update monitors set first_synced_at = now() - interval '9 days'`;
    await tx`update sync_checkpoints set consecutive_failures = 1 where monitor_id = 'unreadable'`;
    await tx`insert into sync_cycles (started_at, finished_at, status, trigger, host, pid, monitors_seen)
      values (now() - interval '2 minutes', now() - interval '1 minute', 'partial', 'manual', 'h', 1, 2)`;
    const rows = await tx`select monitor_id, verdict, is_stale from monitor_health order by monitor_id`;
    expect(rows).toEqual([
      { monitor_id: 'readable', verdict: 'healthy', is_stale: false },
      { monitor_id: 'unreadable', verdict: 'healthy', is_stale: true },
    ]);
    const [all] = await tx`select is_stale, covered_through < now() - interval '29 hours' as is_old
      from sync_freshness where scope = 'all'`;
    expect(all).toEqual({ is_stale: true, is_old: true });
  });
});

it('calls hardly a monitor worse than healthy by chance, at one failure in twenty', async () => {
  const database = await createTestDatabase();
  await database.sql`select setseed(0.5)`;
  await database.sql`
    insert into monitors (id, webset_id, status, cadence_cron, cadence_timezone, behavior, metadata, created_at, updated_at)
    select 'm' || n, 'w', 'enabled', '0 6 * * *', 'Etc/UTC', '{}', '{}', now() - interval '99 days', now()
    from generate_series(1, 2000) n`;
  await database.sql`insert into monitor_schedules (monitor_id, schedule_key, known_since, longest_gap_seconds)
    select id, 'any', 'epoch', case when id like '%7' then 7 else 1 end * 86400 from monitors`;
  await database.sql`insert into sync_checkpoints (monitor_id, synced_through, last_walk_at) select id, now(), now() from monitors`;
  // Daily ones, and a tenth that run once a week.
  await database.sql`
    insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, answer)
    select id || ' ' || age, id, case when random() < 0.05 then 'failed' else 'completed' end, 'search',
      now() - age * interval '1 day' - interval '1 hour', now(), 1
    from monitors cross join generate_series(0, 89) age
    where id not like '%7' or age % 7 = 0`;
  const [row] = await database.sql`
    select count(*) filter (where verdict <> 'healthy')::integer as worse, count(*)::integer as all from monitor_health`;
  expect(row?.['all']).toBe(2000);
  expect(row?.['worse']).toBeLessThan(0.02 * 2000);
  expect(row?.['worse']).toBeGreaterThan(0);
});

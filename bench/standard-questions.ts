export interface Question {
  readonly name: string;
  readonly query: string;
  /** Milliseconds that the answer may take, warm; null: shown for orientation. */
  readonly targetMs: number | null;
}

/** The id of one monitor of the generated history. */
const oneMonitor = `(select 'monitor_' || left(md5('m' || 4711), 24))`;

/** What dashboards and reports ask all day. */
export const standardQuestions: readonly Question[] = [
  {
    name: '30 days of daily failure rates, all monitors together',
    targetMs: 200,
    query: `select day, failure_rate(count(*) filter (where is_failed), count(*) filter (where status = 'completed'))
from monitor_run_facts
where day > utc_day(now()) - 30
group by day
order by day`,
  },
  {
    name: "one monitor's history, day by day",
    targetMs: 200,
    query: `select * from failure_rates_daily where monitor_id = ${oneMonitor} order by day`,
  },
  {
    name: "one monitor's runs, all of them",
    targetMs: 200,
    query: `select * from monitor_run_facts where monitor_id = ${oneMonitor} order by created_at desc`,
  },
  {
    name: '`monitor_health` of all monitors',
    targetMs: 200,
    query: `select * from monitor_health`,
  },
  {
    name: 'top reasons of 7 days',
    targetMs: 200,
    query: `select * from failure_reasons_since(now() - interval '7 days') order by failures desc limit 10`,
  },
  {
    name: 'the last 50 failures',
    targetMs: 200,
    query: `select * from monitor_run_facts where is_failed order by created_at desc limit 50`,
  },
  {
    name: '`sync_freshness` of all monitors',
    targetMs: null,
    query: `select * from sync_freshness`,
  },
  {
    name: 'what changed in the last 12 hours (an incremental load)',
    targetMs: null,
    query: `select * from monitor_run_facts where changed_at > now() - interval '12 hours'`,
  },
  {
    name: '30 days of daily rates by way of `failure_rates_daily` (300,000 rows summed to 30)',
    targetMs: null,
    query: `select day, failure_rate(sum(failed), sum(completed))
from failure_rates_daily
where day > utc_day(now()) - 30
group by day
order by day`,
  },
  {
    name: '30 days of median and 95th percentile of the durations, all monitors together',
    targetMs: null,
    query: `select day, percentile_cont(0.5) within group (order by duration_seconds),
  percentile_cont(0.95) within group (order by duration_seconds)
from monitor_run_facts
where day > utc_day(now()) - 30
group by day
order by day`,
  },
  {
    name: '`failure_reasons` of all time',
    targetMs: null,
    query: `select * from failure_reasons`,
  },
];

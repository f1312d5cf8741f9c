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
    name: 'the monitors that need attention, as `status` asks',
    targetMs: 200,
    query: `select monitor_name, verdict, verdict_reasons, verdict_since from monitor_health
where verdict in ('failing', 'silent', 'degraded')
order by array_position(array['failing', 'silent', 'degraded'], verdict), failure_streak desc limit 20`,
  },
  {
    name: "one monitor's runs beside the configuration that each ran with",
    targetMs: 200,
    query: `select * from monitor_run_configurations where monitor_id = ${oneMonitor}`,
  },
  {
    name: 'what ran with which configuration yesterday, all monitors',
    targetMs: null,
    query: `select * from monitor_run_configurations where day = utc_day(now()) - 1`,
  },
  {
    name: "one monitor's incidents",
    targetMs: 200,
    query: `select * from failure_incidents where monitor_id = ${oneMonitor}`,
  },
  {
    name: 'the incidents that began in the last day',
    targetMs: 200,
    query: `select * from failure_incidents where began_at > now() - interval '24 hours'`,
  },
  {
    name: 'mean time to recovery by account, incidents of 30 days',
    targetMs: null,
    query: `select account, api, avg(hours) filter (where not is_going_on) from failure_incidents
where began_at > now() - interval '720 hours' group by account, api`,
  },
  {
    name: 'causes that several monitors shared in 7 days',
    targetMs: 200,
    query: `select * from failure_clusters_since(now() - interval '168 hours') order by monitors desc`,
  },
  {
    name: 'runs that were missed in 30 days, by monitor',
    targetMs: 200,
    query: `select monitor_name, count(*) from missed_run_facts
where not is_late and due_at > now() - interval '720 hours' group by monitor_name, monitor_id`,
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

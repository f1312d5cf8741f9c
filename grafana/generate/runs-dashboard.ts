import { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { monitorLink } from './links.ts';
import { createStat, createTable, createTimeSeries } from './panels.ts';
import {
  createMonitorsVariable,
  createSourceVariables,
  createWebsetVariable,
  selected,
  selectedDays,
} from './variables.ts';

const definition = 'failed / (completed + failed); canceled and open runs count on neither side';
const runsOfTime = `from monitor_run_facts
    where ${selectedDays} and ${selected}`;
const byDay = `select day::timestamp at time zone 'UTC' as time`;

/** All monitors: do runs fail, which ones, why? */
export function createRunsDashboard(): DashboardBuilder {
  const dashboard = new DashboardBuilder('Exa monitors: runs')
    .uid('exa-monitor-runs')
    .description('Failure rates, durations and reasons over all monitors. Days are UTC.')
    .tags(['exa-monitor-sync'])
    .timezone('utc')
    .time({ from: 'now-30d', to: 'now' })
    .refresh('5m')
    .readonly()
    .variables([...createSourceVariables(), createWebsetVariable(), createMonitorsVariable()]);
  for (const panel of [...stats(), ...charts(), ...tables()]) dashboard.withPanel(panel);
  return dashboard;
}

function stats() {
  return [
    createStat(
      {
        title: 'Failure rate',
        description: definition,
        sql: `
    select failure_rate(count(*) filter (where is_failed), count(*) filter (where status = 'completed'))
    ${runsOfTime}`,
      },
      { unit: 'percentunit' },
    ),
    createStat({ title: 'Failed runs', sql: `select count(*) filter (where is_failed) ${runsOfTime}` }),
    createStat({ title: 'Runs', sql: `select count(*) ${runsOfTime}` }),
    createStat({
      title: 'Failing monitors now',
      description: 'Verdict "failing" of monitor_health; the rule is in its comment.',
      sql: `select count(*) from monitor_health where verdict = 'failing' and ${selected}`,
    }),
    createStat({
      title: 'Monitors with old data',
      description: 'Not known to the last 24 hours: no failures here may mean not synced.',
      sql: `
    select count(*) from monitor_health
    where is_stale and absent_since is null and ${selected}`,
    }),
    createStat(
      {
        title: 'All known up to',
        description:
          'Every run of every selected monitor is known up to here. None: some monitor was never read.',
        sql: `
    select case when bool_and(covered_through is not null) then min(covered_through) end as covered_through
    from monitor_health where absent_since is null and ${selected}`,
      },
      { unit: 'dateTimeFromNow' },
    ),
  ];
}

function charts() {
  return [
    createTimeSeries(
      {
        title: 'Failure rate by day',
        description: definition,
        sql: `
    ${byDay},
      failure_rate(count(*) filter (where is_failed), count(*) filter (where status = 'completed')) as "failure rate"
    ${runsOfTime}
    group by day order by day`,
      },
      { width: 12, height: 8, draw: 'bars', unit: 'percentunit' },
    ),
    createTimeSeries(
      {
        title: 'Runs by day and status',
        sql: `
    ${byDay},
      count(*) filter (where is_failed) as failed,
      count(*) filter (where status = 'completed') as completed,
      count(*) filter (where status = 'canceled') as canceled,
      count(*) filter (where not is_final) as open
    ${runsOfTime}
    group by day order by day`,
      },
      { width: 12, height: 8, draw: 'stacked bars', unit: 'short' },
    ),
    createTimeSeries(
      {
        title: 'Duration by day',
        description: 'From creation to end, time in the queue included.',
        sql: `
    ${byDay},
      percentile_cont(0.5) within group (order by duration_seconds) as median,
      percentile_cont(0.95) within group (order by duration_seconds) as "95th percentile"
    ${runsOfTime}
    group by day order by day`,
      },
      { width: 12, height: 8, draw: 'lines', unit: 's' },
    ),
  ];
}

function tables() {
  return [
    createTable(
      {
        title: 'Reasons of failures',
        description: 'Grouped after ids, numbers and addresses were taken out.',
        sql: `
    select failure_reason_pattern(failed_reason) as reason, count(*) as failures,
      count(distinct monitor_id) as monitors, max(created_at) as last_seen
    ${runsOfTime} and is_failed
    group by 1 order by failures desc, reason limit 100`,
      },
      { width: 12, height: 8 },
    ),
    createTable(
      {
        title: 'Monitors that need attention',
        sql: `
    select monitor_id, account, api, webset_id, verdict, failure_streak, failure_rate_7d, failure_rate_30d, rated_runs_30d,
      last_success_at, stuck_runs, overdue
    from monitor_health
    where verdict in ('failing', 'silent', 'degraded') and ${selected}
    order by array_position(array['failing', 'silent', 'degraded'], verdict), failure_streak desc,
      failure_rate_30d desc nulls last, monitor_id
    limit 500`,
      },
      {
        width: 24,
        height: 10,
        units: { failure_rate_7d: 'percentunit', failure_rate_30d: 'percentunit' },
        links: { monitor_id: monitorLink },
      },
    ),
    createTable(
      {
        title: 'Websets',
        sql: `
    select webset_id, count(distinct monitor_id) as monitors, count(*) as runs,
      count(*) filter (where is_failed) as failed,
      failure_rate(count(*) filter (where is_failed), count(*) filter (where status = 'completed')) as failure_rate
    ${runsOfTime}
    group by webset_id order by failure_rate desc nulls last, failed desc, webset_id limit 500`,
      },
      { width: 12, height: 8, units: { failure_rate: 'percentunit' } },
    ),
    createTable(
      {
        title: 'Last failed runs',
        sql: `
    select created_at, monitor_id, failed_reason, duration_seconds, run_id
    ${runsOfTime} and is_failed and $__timeFilter(created_at)
    order by created_at desc, run_id desc limit 50`,
      },
      { width: 12, height: 8, units: { duration_seconds: 's' }, links: { monitor_id: monitorLink } },
    ),
  ];
}

import { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { monitorDashboardUid } from './links.ts';
import { createStat, createTable, createTimeSeries } from './panels.ts';
import { createMonitorVariable, createSourceVariables, selectedDays, selectedMonitor } from './variables.ts';

const health = `from monitor_health where ${selectedMonitor}`;
const runsOfTime = `from monitor_run_facts
    where ${selectedDays} and ${selectedMonitor}`;

/** One monitor: how does it do, and what happened to its runs? */
export function createMonitorDashboard(): DashboardBuilder {
  const dashboard = new DashboardBuilder('Exa monitors: one monitor')
    .uid(monitorDashboardUid)
    .description('Health and history of one monitor. Days are UTC.')
    .tags(['exa-monitor-sync'])
    .timezone('utc')
    .time({ from: 'now-90d', to: 'now' })
    .refresh('5m')
    .readonly()
    .variables([...createSourceVariables(), createMonitorVariable()]);
  for (const panel of [...stats(), ...charts(), ...tables()]) dashboard.withPanel(panel);
  return dashboard;
}

function stats() {
  return [
    createStat({
      title: 'Verdict',
      description: 'Of monitor_health; the rule is in the comment of its column.',
      sql: `select verdict ${health}`,
    }),
    createStat(
      {
        title: 'Failure rate, 30 days',
        description: 'failed / (completed + failed)',
        sql: `select failure_rate_30d ${health}`,
      },
      { unit: 'percentunit' },
    ),
    createStat({ title: 'Failures in a row', sql: `select failure_streak ${health}` }),
    createStat(
      { title: 'Last success', sql: `select last_success_at ${health}` },
      { unit: 'dateTimeFromNow' },
    ),
    createStat({ title: 'Next run', sql: `select next_run_at ${health}` }, { unit: 'dateTimeFromNow' }),
    createStat(
      { title: 'Known up to', sql: `select covered_through ${health}` },
      { unit: 'dateTimeFromNow' },
    ),
  ];
}

function charts() {
  return [
    createTimeSeries(
      {
        title: 'Runs by day and status',
        sql: `
    select day::timestamp at time zone 'UTC' as time, failed, completed, canceled, open
    from failure_rates_daily
    where ${selectedDays} and ${selectedMonitor}
    order by day`,
      },
      { width: 12, height: 8, draw: 'stacked bars', unit: 'short' },
    ),
    createTimeSeries(
      {
        title: 'Duration of each run',
        sql: `
    select created_at as time,
      case when status = 'completed' then duration_seconds end as completed,
      case when is_failed then duration_seconds end as failed
    ${runsOfTime} and $__timeFilter(created_at)
    order by created_at limit 5000`,
      },
      { width: 12, height: 8, draw: 'points', unit: 's' },
    ),
  ];
}

function tables() {
  return [
    createTable(
      {
        title: 'Runs',
        sql: `
    select created_at, status, type, duration_seconds, queue_seconds, failed_reason, run_id, absent_since
    ${runsOfTime} and $__timeFilter(created_at)
    order by created_at desc, run_id desc limit 200`,
      },
      { width: 24, height: 10, units: { duration_seconds: 's', queue_seconds: 's' } },
    ),
    createTable(
      {
        title: 'The monitor',
        sql: `
    select id, webset_id, status, cadence_cron, cadence_timezone, behavior #>> '{config,query}' as query, metadata::text,
      created_at, absent_since
    from monitors where id = \${monitor:sqlstring}`,
      },
      { width: 24, height: 4 },
    ),
  ];
}

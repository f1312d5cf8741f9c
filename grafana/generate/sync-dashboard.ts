import { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { monitorLink } from './links.ts';
import { createStat, createTable, createTimeSeries } from './panels.ts';
import { createSourceVariables, selectedSources } from './variables.ts';

const cyclesOfTime = 'from sync_cycles where $__timeFilter(started_at)';
const byInterval = `select date_bin('$__interval', started_at, timestamptz '2000-01-01') as time`;

/** The sync itself: is the data fresh and whole, and what does it cost? */
export function createSyncDashboard(): DashboardBuilder {
  const dashboard = new DashboardBuilder('Exa monitors: sync')
    .uid('exa-monitor-sync-health')
    .description('Cycles of the sync, how fresh the data is, and what could not be stored.')
    .tags(['exa-monitor-sync'])
    .timezone('utc')
    .time({ from: 'now-7d', to: 'now' })
    .refresh('1m')
    .readonly()
    .variables([...createSourceVariables()]);
  for (const panel of [...stats(), ...charts(), ...tables()]) dashboard.withPanel(panel);
  return dashboard;
}

function stats() {
  const overall = "from sync_freshness where scope = 'all'";
  return [
    createStat({
      title: 'Last cycle',
      sql: `select status from sync_cycles where status <> 'running' order by id desc limit 1`,
    }),
    createStat(
      {
        title: 'Last success',
        sql: `select max(finished_at) as finished_at from sync_cycles where status = 'succeeded'`,
      },
      { unit: 'dateTimeFromNow' },
    ),
    createStat(
      {
        title: 'All known up to',
        description: 'Every run of every monitor is known up to here. None: some monitor was never read.',
        sql: `select covered_through ${overall}`,
      },
      { unit: 'dateTimeFromNow' },
    ),
    createStat({
      title: 'Monitors with old data',
      description: 'Not known to the last 24 hours.',
      sql: `
    select count(*) from sync_freshness join monitors on monitors.id = monitor_id
    where scope = 'monitor' and is_stale and absent_since is null and ${selectedSources}`,
    }),
    createStat({ title: 'Rejected runs', sql: `select rejected_runs ${overall}` }),
    createStat({ title: 'Unfinished walks', sql: `select unfinished_walks ${overall}` }),
  ];
}

function charts() {
  return [
    createTimeSeries(
      {
        title: 'Requests',
        description: 'What the sync takes from the rate limit that it shares with your searches.',
        sql: `
    ${byInterval}, sum(requests) as requests, sum(retries) as retries
    ${cyclesOfTime}
    group by 1 order by 1`,
      },
      { width: 12, height: 8, draw: 'bars', unit: 'short' },
    ),
    createTimeSeries(
      {
        title: 'Runs stored',
        sql: `
    ${byInterval}, sum(runs_inserted) as new, sum(runs_updated) as changed, sum(runs_rejected) as rejected
    ${cyclesOfTime}
    group by 1 order by 1`,
      },
      { width: 12, height: 8, draw: 'stacked bars', unit: 'short' },
    ),
    createTimeSeries(
      {
        title: 'Length of cycles',
        sql: `
    select started_at as time, extract(epoch from finished_at - started_at)::double precision as seconds
    ${cyclesOfTime} and finished_at is not null
    order by started_at`,
      },
      { width: 12, height: 8, draw: 'lines', unit: 's' },
    ),
  ];
}

function tables() {
  return [
    createTable(
      {
        title: 'Cycles',
        sql: `
    select id, status, trigger, started_at, finished_at, monitors_seen, monitors_walked, monitors_failed, requests, error
    ${cyclesOfTime}
    order by id desc limit 200`,
      },
      { width: 12, height: 8 },
    ),
    createTable(
      {
        title: 'Accounts and APIs',
        description: 'How each took part in the cycles of this time.',
        sql: `
    select sync_cycles.started_at, account, api, ended.status, ended.monitors_seen, ended.monitors_failed, ended.requests,
      ended.error
    from sync_cycle_sources ended
    join sync_cycles on sync_cycles.id = ended.cycle_id
    join sync_sources on sync_sources.id = ended.source_id
    where $__timeFilter(sync_cycles.started_at) and ${selectedSources}
    order by ended.cycle_id desc, account, api limit 200`,
      },
      { width: 12, height: 8 },
    ),
    createTable(
      {
        title: 'Monitors whose data is old or that cannot be read',
        sql: `
    select monitor_id, account, api, covered_through, consecutive_failures, last_error, last_error_at
    from sync_freshness join monitors on monitors.id = monitor_id
    where scope = 'monitor' and (is_stale or consecutive_failures > 0) and absent_since is null and ${selectedSources}
    order by consecutive_failures desc, covered_through nulls first, monitor_id limit 500`,
      },
      { width: 12, height: 8, links: { monitor_id: monitorLink } },
    ),
    createTable(
      {
        title: 'Runs that could not be stored',
        sql: `
    select rejected_at, monitor_id, run_key, reason, left(payload::text, 500) as payload
    from rejected_runs order by rejected_at desc, monitor_id, run_key limit 200`,
      },
      { width: 12, height: 8, links: { monitor_id: monitorLink } },
    ),
  ];
}

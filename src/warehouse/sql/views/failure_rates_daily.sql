-- Monitor by monitor, so that a condition on the day or on the monitor becomes a search in monitor_runs_monitor_day_idx.
create or replace view failure_rates_daily as
select
  days.day,
  monitors.id as monitor_id,
  days.runs,
  days.completed,
  days.failed,
  days.canceled,
  days.open,
  failure_rate(days.failed, days.completed) as failure_rate,
  days.p50_duration_seconds,
  days.p95_duration_seconds,
  monitor_name(monitors.id, monitors.name, monitors.metadata, monitors.behavior) as monitor_name,
  sources.account,
  sources.api,
  monitor_type(monitors.behavior) as type
from monitors
left join sync_sources sources on sources.id = monitors.source_id
cross join lateral (
  select
    utc_day(created_at) as day,
    count(*)::integer as runs,
    count(*) filter (where status = 'completed')::integer as completed,
    count(*) filter (where status = 'failed')::integer as failed,
    count(*) filter (where status = 'canceled')::integer as canceled,
    count(*) filter (where not is_final(status))::integer as open,
    percentile_cont(0.5) within group (order by duration_seconds) as p50_duration_seconds,
    percentile_cont(0.95) within group (order by duration_seconds) as p95_duration_seconds
  from monitor_runs
  where monitor_id = monitors.id
  group by utc_day(created_at)
) days;

comment on view failure_rates_daily is 'Runs by UTC day of creation and monitor. A day on which a monitor had no run has no row. runs = completed + failed + canceled + open.';
comment on column failure_rates_daily.day is 'The day in UTC on which the runs were created.';
comment on column failure_rates_daily.monitor_id is 'The monitor.';
comment on column failure_rates_daily.runs is 'All runs, also those that Exa no longer has.';
comment on column failure_rates_daily.completed is 'Runs that completed.';
comment on column failure_rates_daily.failed is 'Runs that failed.';
comment on column failure_rates_daily.canceled is 'Runs that were canceled.';
comment on column failure_rates_daily.open is 'Runs that are not final, those of an unknown status included.';
comment on column failure_rates_daily.failure_rate is 'failed / (completed + failed); null without any. Over several rows: failure_rate(sum(failed), sum(completed)).';
comment on column failure_rates_daily.p50_duration_seconds is 'Median duration of the finished runs, interpolated; null without any.';
comment on column failure_rates_daily.p95_duration_seconds is '95th percentile of the same. Percentiles cannot be averaged: over several days take them from monitor_run_facts.';
comment on column failure_rates_daily.monitor_name is 'What people call it (monitor_name).';
comment on column failure_rates_daily.account is 'The account that it belongs to.';
comment on column failure_rates_daily.api is 'The API that it is read from: websets or search.';
comment on column failure_rates_daily.type is 'What it does (monitor_type).';

create or replace view monitor_health as
with judged as (
  select
    monitors.id as monitor_id,
    monitors.webset_id,
    monitors.status as monitor_status,
    monitors.absent_since,
    monitors.next_run_at,
    summary.last_run_id,
    summary.last_run_at,
    summary.last_run_status,
    summary.last_success_at,
    coalesce(summary.failure_streak, 0) as failure_streak,
    runs_within(7, summary.failed_within, summary.newest_day) as failed_7d,
    runs_within(7, summary.completed_within, summary.newest_day) as completed_7d,
    runs_within(30, summary.failed_within, summary.newest_day) as failed_30d,
    runs_within(30, summary.completed_within, summary.newest_day) as completed_30d,
    runs_within(90, summary.failed_within, summary.newest_day) as failed_90d,
    runs_within(90, summary.completed_within, summary.newest_day) as completed_90d,
    coalesce(open_runs.runs, 0) as open_runs,
    coalesce(open_runs.stuck, 0) as stuck_runs,
    monitors.status = 'enabled' and monitors.absent_since is null as is_active,
    freshness.synced_through,
    freshness.covered_through,
    freshness.is_stale
  from monitors
  join sync_freshness freshness on freshness.scope = 'monitor' and freshness.monitor_id = monitors.id
  left join monitor_run_summaries summary on summary.monitor_id = monitors.id
  left join (
    select
      monitor_id,
      count(*)::integer as runs,
      count(*) filter (where created_at < now() - interval '24 hours')::integer as stuck
    from monitor_runs
    where not is_final(status) and absent_since is null
    group by monitor_id
  ) open_runs on open_runs.monitor_id = monitors.id
)
select
  monitor_id,
  webset_id,
  monitor_status,
  absent_since,
  last_run_id,
  last_run_at,
  last_run_status,
  last_success_at,
  failure_streak,
  failure_rate(failed_7d, completed_7d) as failure_rate_7d,
  failed_7d + completed_7d as rated_runs_7d,
  failure_rate(failed_30d, completed_30d) as failure_rate_30d,
  failed_30d + completed_30d as rated_runs_30d,
  failure_rate(failed_90d, completed_90d) as failure_rate_90d,
  failed_90d + completed_90d as rated_runs_90d,
  open_runs,
  stuck_runs,
  next_run_at,
  is_active and coalesce(next_run_at < now(), false) as overdue,
  synced_through,
  covered_through,
  case
    when not is_active then 'disabled'
    when is_stale or next_run_at < now() - interval '24 hours' then 'stale'
    when last_success_at is null and failure_streak = 0 then 'no_runs'
    when failure_streak >= 3
      or failed_7d > completed_7d and failed_7d + completed_7d >= 2 then 'failing'
    when failure_streak > 0
      or failure_rate(failed_30d, completed_30d) >= 0.1
      or stuck_runs > 0 then 'degraded'
    else 'healthy'
  end as verdict
from judged;

comment on view monitor_health is 'One row a monitor: how it does now. Windows are whole UTC days, today included. Runs go by created_at, and those that Exa no longer has count.';
comment on column monitor_health.monitor_id is 'The monitor.';
comment on column monitor_health.webset_id is 'The webset that it feeds.';
comment on column monitor_health.monitor_status is 'enabled or disabled, as last listed.';
comment on column monitor_health.absent_since is 'When the sync found that Exa no longer has the monitor.';
comment on column monitor_health.last_run_id is 'The run created last; of several at the same instant the one with the greatest id.';
comment on column monitor_health.last_run_at is 'When it was created.';
comment on column monitor_health.last_run_status is 'Its status.';
comment on column monitor_health.last_success_at is 'When the last completed run was created.';
comment on column monitor_health.failure_streak is 'Failed runs created after the last completed one; canceled and open runs neither count nor end the streak.';
comment on column monitor_health.failure_rate_7d is 'Failure rate over the last 7 days.';
comment on column monitor_health.rated_runs_7d is 'Completed and failed runs behind it.';
comment on column monitor_health.failure_rate_30d is 'Failure rate over the last 30 days.';
comment on column monitor_health.rated_runs_30d is 'Completed and failed runs behind it.';
comment on column monitor_health.failure_rate_90d is 'Failure rate over the last 90 days.';
comment on column monitor_health.rated_runs_90d is 'Completed and failed runs behind it.';
comment on column monitor_health.open_runs is 'Runs that are not final and that Exa still has.';
comment on column monitor_health.stuck_runs is 'Of these, created more than 24 hours ago.';
comment on column monitor_health.next_run_at is 'When the next scheduled run is due, as last listed.';
comment on column monitor_health.overdue is 'Whether that has passed, for a monitor that is enabled and that Exa still has. True for a moment before the next sync, too.';
comment on column monitor_health.synced_through is 'Creation time of the newest run when the last finished walk began, or that beginning when the run is dated in the future.';
comment on column monitor_health.covered_through is 'Up to here the runs are known; see sync_freshness.';
comment on column monitor_health.verdict is 'The first that holds: disabled (not enabled, or Exa no longer has it); stale (covered_through more than 24 hours ago or unknown, or next_run_at passed more than 24 hours ago); no_runs (none completed or failed yet); failing (failure_streak of 3 or more, or more than half of at least 2 rated runs of 7 days failed); degraded (failure_streak of 1 or more, or failure_rate_30d of 0.1 or more, or a stuck run); healthy.';

create view monitor_run_facts as
select
  runs.id as run_id,
  runs.monitor_id,
  monitors.webset_id,
  utc_day(runs.created_at) as day,
  runs.status,
  runs.type,
  is_final(runs.status) as is_final,
  runs.status = 'failed' as is_failed,
  runs.failed_reason,
  runs.created_at,
  runs.updated_at,
  runs.finished_at,
  runs.duration_seconds,
  (
    select extract(epoch from started.changed_at - runs.created_at)::double precision
    from monitor_run_status_changes started
    where started.run_id = runs.id and started.to_status = 'running'
    order by started.answer limit 1
  ) as queue_seconds,
  runs.absent_since,
  runs.first_synced_at,
  runs.changed_at,
  monitors.status as monitor_status,
  monitors.cadence_cron as monitor_cadence_cron,
  monitors.cadence_timezone as monitor_cadence_timezone,
  monitors.metadata as monitor_metadata,
  monitors.absent_since as monitor_absent_since
from monitor_runs runs
-- Never loses a run: a monitor is stored before its runs and is never removed. An outer join would keep the planner from
-- reading a span of days monitor by monitor.
join monitors on monitors.id = runs.monitor_id;
--> statement-breakpoint
-- Monitor by monitor, so that a condition on the day or on the monitor becomes a search in monitor_runs_monitor_day_idx.
create view failure_rates_daily as
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
  days.p95_duration_seconds
from monitors
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
--> statement-breakpoint
create function failure_reasons_since(since timestamptz)
returns table (
  reason text,
  failures integer,
  monitors integer,
  first_seen_at timestamptz,
  last_seen_at timestamptz,
  example text,
  example_run_id text
)
language sql stable parallel safe
begin atomic
  select
    reasons.reason,
    reasons.failures,
    reasons.monitors,
    reasons.first_seen_at,
    reasons.last_seen_at,
    (select runs.failed_reason from monitor_runs runs where runs.id = reasons.example_run_id),
    reasons.example_run_id
  from (
    select
      failure_reason_pattern(runs.failed_reason) as reason,
      count(*)::integer as failures,
      count(distinct runs.monitor_id)::integer as monitors,
      min(runs.created_at) as first_seen_at,
      max(runs.created_at) as last_seen_at,
      (array_agg(runs.id order by runs.created_at desc, runs.id desc))[1] as example_run_id
    from monitor_runs runs
    where runs.status = 'failed' and runs.created_at >= since
    group by failure_reason_pattern(runs.failed_reason)
  ) reasons;
end;
--> statement-breakpoint
create view failure_reasons as
select reason, failures, monitors, first_seen_at, last_seen_at, example, example_run_id
from failure_reasons_since('-infinity');
--> statement-breakpoint
create view sync_freshness as
with whole_cycle as (
  -- The newest cycle that went through all stages for all monitors. One that was asked for only some saw fewer than
  -- there were.
  select cycles.started_at, cycles.finished_at
  from sync_cycles cycles
  where cycles.status in ('succeeded', 'partial') and cycles.finished_at is not null
    and cycles.monitors_seen >= (
      select count(*) from monitors
      where first_synced_at <= cycles.finished_at
        and (absent_since is null or absent_since > cycles.finished_at)
    )
  order by cycles.id desc
  limit 1
),
rejected as (
  select monitor_id, count(*)::integer as runs from rejected_runs group by monitor_id
),
per_monitor as not materialized (
  select
    monitors.id as monitor_id,
    monitors.absent_since,
    -- A cycle that found a monitor readable, to its end, left nothing uncovered up to the cycle's start: it either
    -- walked the monitor or had evidence that there was nothing new.
    case
      when checkpoints.consecutive_failures = 0
        and checkpoints.last_walk_at is not null
        and checkpoints.walk_started_at is null
        and monitors.absent_since is null
        and monitors.first_synced_at <= whole_cycle.finished_at
      then greatest(checkpoints.synced_through, whole_cycle.started_at)
      else checkpoints.synced_through
    end as covered_through,
    checkpoints.synced_through,
    checkpoints.last_walk_at,
    checkpoints.last_full_walk_at,
    checkpoints.walk_started_at is not null as is_walk_unfinished,
    coalesce(rejected.runs, 0) as rejected_runs,
    coalesce(checkpoints.consecutive_failures, 0) as consecutive_failures,
    checkpoints.last_error,
    checkpoints.last_error_at
  from monitors
  left join sync_checkpoints checkpoints on checkpoints.monitor_id = monitors.id
  left join rejected on rejected.monitor_id = monitors.id
  left join whole_cycle on true
)
select
  'monitor' as scope,
  monitor_id,
  1 as monitors,
  covered_through,
  coalesce(covered_through < now() - interval '24 hours', true) as is_stale,
  synced_through,
  last_walk_at,
  last_full_walk_at,
  is_walk_unfinished::integer as unfinished_walks,
  rejected_runs,
  consecutive_failures,
  last_error,
  last_error_at
from per_monitor
union all
select
  'all',
  null,
  overall.monitors,
  overall.covered_through,
  coalesce(overall.covered_through < now() - interval '24 hours', true),
  overall.synced_through,
  overall.last_walk_at,
  overall.last_full_walk_at,
  overall.unfinished_walks,
  overall.rejected_runs,
  overall.consecutive_failures,
  last_cycle.error,
  case when last_cycle.error is not null then last_cycle.finished_at end
from (
  select
    count(*)::integer as monitors,
    case
      when count(*) = 0 then (select started_at from whole_cycle)
      when bool_and(covered_through is not null) then min(covered_through)
    end as covered_through,
    case when bool_and(synced_through is not null) then min(synced_through) end as synced_through,
    max(last_walk_at) as last_walk_at,
    case when bool_and(last_full_walk_at is not null) then min(last_full_walk_at) end as last_full_walk_at,
    coalesce(sum(is_walk_unfinished::integer), 0)::integer as unfinished_walks,
    coalesce(sum(rejected_runs), 0)::integer as rejected_runs,
    coalesce(max(consecutive_failures), 0) as consecutive_failures
  from per_monitor
  where absent_since is null
) overall
left join (
  select error, finished_at from sync_cycles where finished_at is not null order by id desc limit 1
) last_cycle on true;
--> statement-breakpoint
-- Runs within the last days, today included, out of the sums of a summary.
create function runs_within(days integer, sums integer[], newest_day date) returns integer
language sql stable parallel safe
return coalesce(sums[least(days - (utc_day(now()) - newest_day), 92)], 0);
--> statement-breakpoint
create view monitor_health as
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

-- Wilson's interval at z = 2.326, multiplied out: unlike failed / all it says little where little is known. One expression
-- without a query inside, so that the planner puts it in place of the call.
create or replace function rate_lower_bound(failed double precision, completed double precision) returns double precision
language sql immutable parallel safe
return (failed + 2.705138 - 2.326 * sqrt(failed * completed / nullif(failed + completed, 0) + 1.352569))
  / (failed + completed + 5.410276);

comment on function rate_lower_bound(double precision, double precision) is 'What a failure rate is at least, with 99 % certainty, given so many failed and completed runs; null without any.';
--> statement-breakpoint
-- What is measured of a monitor, then what is to be said of that, then the verdict: the gravest reason decides. The numbers
-- stand in the comment of the column `verdict`.
create or replace view monitor_health as
with measured as (
  select
    monitors.id as monitor_id,
    monitor_name(monitors.id, monitors.name, monitors.metadata, monitors.behavior) as monitor_name,
    sources.account,
    sources.api,
    monitors.webset_id,
    monitor_type(monitors.behavior) as type,
    monitors.status as monitor_status,
    monitors.absent_since,
    monitors.next_run_at,
    monitors.created_at,
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
    open_runs.stuck_since,
    coalesce(missed.runs, 0) as missed_runs_30d,
    missed.since as missed_since,
    make_interval(secs => schedules.longest_gap_seconds) as longest_gap,
    monitors.status in ('enabled', 'active') and monitors.absent_since is null as is_active,
    freshness.synced_through,
    freshness.covered_through,
    freshness.is_stale
  from monitors
  join sync_sources sources on sources.id = monitors.source_id
  join sync_freshness freshness on freshness.scope = 'monitor' and freshness.monitor_id = monitors.id
  left join monitor_run_summaries summary on summary.monitor_id = monitors.id
  left join monitor_schedules schedules on schedules.monitor_id = monitors.id
  left join (
    select
      monitor_id,
      count(*)::integer as runs,
      count(*) filter (where created_at < now() - interval '24 hours')::integer as stuck,
      min(created_at) filter (where created_at < now() - interval '24 hours') + interval '24 hours' as stuck_since
    from monitor_runs
    where not is_final(status) and absent_since is null
    group by monitor_id
  ) open_runs on open_runs.monitor_id = monitors.id
  left join (
    select monitor_id, count(*)::integer as runs, min(due_at) as since
    from missed_runs
    where late_run_id is null and due_at > now() - interval '720 hours'
    group by monitor_id
  ) missed on missed.monitor_id = monitors.id
),
judged as (
  -- Each step computed once a row, whatever builds on it: put in place of each other, they would be many times as long.
  select measured.*, rated.*, reasoned.*, said.verdict
  from measured
  cross join lateral (
    select
      case when failed_30d + completed_30d >= 3 then failed_30d else failed_90d end as rated_failed,
      case when failed_30d + completed_30d >= 3 then completed_30d else completed_90d end as rated_completed,
      -- Only as far as the runs are known: what was not read is not silence.
      coalesce(covered_through - coalesce(last_run_at, created_at) > longest_gap + interval '6 hours', false)
        as is_surely_silent,
      coalesce(covered_through - coalesce(last_success_at, created_at)
        > greatest(3 * coalesce(longest_gap, interval '1 day'), interval '3 days'), false) as is_without_success
    offset 0
  ) rated
  cross join lateral (
    select
      coalesce(failure_streak >= 3 or failure_streak = 2 and (longest_gap >= interval '2 days' or is_without_success), false)
        as has_long_streak,
      rate_lower_bound(rated_failed, rated_completed) as least_rate,
      rated_failed + rated_completed as rated_runs,
      is_without_success and last_run_at is not null as is_surely_without_success
    offset 0
  ) reasoned
  cross join lateral (
    select case
      when not is_active then 'disabled'
      when has_long_streak or stuck_runs >= 3 or least_rate >= 0.5 and rated_runs >= 3 then 'failing'
      when is_surely_silent or is_surely_without_success then 'silent'
      when failure_streak >= 2 or stuck_runs >= 1 or missed_runs_30d >= 2 or least_rate >= 0.1 and rated_runs >= 3
        then 'degraded'
      when rated_runs < 3 then 'unproven'
      else 'healthy'
    end as verdict
    offset 0
  ) said
)
select
  monitor_id,
  monitor_name,
  account,
  api,
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
  missed_runs_30d,
  next_run_at,
  is_active and coalesce(next_run_at < now(), false) as overdue,
  synced_through,
  covered_through,
  is_stale,
  verdict,
  case when verdict = 'disabled' then '{}'::text[] else array_remove(array[
    case when failure_streak >= 2 then 'streak:' || failure_streak end,
    case when stuck_runs >= 1 then 'stuck:' || stuck_runs end,
    case when least_rate >= 0.1 and rated_runs >= 3
      then 'rate:' || round(failure_rate(rated_failed, rated_completed)::numeric, 2) || ' of ' || rated_runs end,
    case when is_surely_silent
      then 'silent_for:' || (extract(epoch from covered_through - coalesce(last_run_at, created_at))::bigint / 86400) || 'd' end,
    case when is_surely_without_success then case when last_success_at is null then 'no_success_ever'
      else 'no_success_for:' || (extract(epoch from covered_through - last_success_at)::bigint / 86400) || 'd' end end,
    case when missed_runs_30d >= 1 then 'missed:' || missed_runs_30d end,
    case when last_run_at is null then 'no_runs' end,
    case when verdict = 'unproven' and last_run_at is not null then 'too_few:' || rated_runs end
  ], null) end as verdict_reasons,
  case verdict
    when 'failing' then coalesce(
      case when has_long_streak then (
        select min(runs.created_at) from monitor_runs runs
        where runs.monitor_id = judged.monitor_id and runs.status = 'failed'
          and utc_day(runs.created_at) >= coalesce(utc_day(judged.last_success_at), '-infinity')
          and runs.created_at > coalesce(judged.last_success_at, '-infinity')
      ) end,
      stuck_since
    )
    when 'silent' then least(
      case when is_surely_silent then coalesce(last_run_at, created_at) + longest_gap end,
      case when is_surely_without_success then coalesce(last_success_at, created_at) + coalesce(longest_gap, interval '1 day') end
    )
    when 'degraded' then least(stuck_since, missed_since)
  end as verdict_since,
  type
from judged;

comment on view monitor_health is 'One row a monitor: how it does now. Windows are whole UTC days, today included. Runs go by created_at, and those that Exa no longer has count.';
comment on column monitor_health.monitor_id is 'The monitor.';
comment on column monitor_health.monitor_name is 'What people call it: its name, or what its metadata or its query says, or its id.';
comment on column monitor_health.account is 'The account that it belongs to.';
comment on column monitor_health.api is 'The API that it is read from: websets or search.';
comment on column monitor_health.webset_id is 'The webset that it feeds.';
comment on column monitor_health.monitor_status is 'enabled, disabled, active or paused, as last listed.';
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
comment on column monitor_health.missed_runs_30d is 'Times in the last 30 days at which a run was due and none has come, not even late.';
comment on column monitor_health.next_run_at is 'When the next scheduled run is due, as last listed.';
comment on column monitor_health.overdue is 'Whether that has passed, for a monitor that is enabled and that Exa still has. True for a moment before the next sync, too.';
comment on column monitor_health.synced_through is 'Creation time of the newest run when the last finished walk began, or that beginning when the run is dated in the future.';
comment on column monitor_health.covered_through is 'Up to here the runs are known; see sync_freshness.';
comment on column monitor_health.is_stale is 'Whether covered_through is more than 24 hours ago or unknown: how far the rest of the row can be trusted. It does not change the verdict, which speaks of what was last known.';
comment on column monitor_health.verdict is 'The first that holds. disabled: neither enabled nor active, or Exa no longer has it. failing: a failure_streak of 3 or more, or of 2 where the schedule has gaps of 2 days or more or nothing has succeeded for as long as makes silent; 3 or more stuck runs; or a failure rate of surely half or more. silent: known to have no run for 6 hours longer than the longest gap of its schedule, or runs of which none succeeded for 3 such gaps and at least 3 days. degraded: a failure_streak of 2; a stuck run; 2 or more missed runs in 30 days; or a failure rate of surely 0.1 or more. unproven: fewer than 3 rated runs. healthy. Rates are those of 30 days, or of 90 where 30 hold fewer than 3 rated runs; surely means with 99 % certainty (rate_lower_bound).';
comment on column monitor_health.verdict_reasons is 'What speaks against the monitor, the gravest first: streak:N failed runs, stuck:N open runs of more than a day, rate:R of N rated runs, silent_for:Nd, no_success_for:Nd, no_success_ever, missed:N due times in 30 days, no_runs, too_few:N rated runs.';
comment on column monitor_health.verdict_since is 'Since when failing (the first run of the streak, or the first stuck one), silent or degraded (what was first stuck or missed); null where a rate alone decides.';
comment on column monitor_health.type is 'What it does (monitor_type).';

drop view monitor_health;
--> statement-breakpoint
create or replace function monitor_name(id text, name text, metadata jsonb, behavior jsonb) returns text
language sql immutable parallel safe
return coalesce(
  nullif(btrim(name), ''),
  nullif(btrim(metadata ->> 'name'), ''),
  nullif(btrim(metadata ->> 'title'), ''),
  nullif(btrim(left(coalesce(behavior ->> 'query', behavior -> 'config' ->> 'query'), 80)), ''),
  id
);

comment on function monitor_name(text, text, jsonb, jsonb) is 'What people call a monitor: its name, or the name or title in its metadata, or the beginning of its query, or its id. Never empty.';
--> statement-breakpoint
-- Whoever changes a monitor, each field that differs is noted. The fields of next_run_at and of bookkeeping are left out:
-- the first moves with every run.
create or replace function note_monitor_changes() returns trigger
language plpgsql
set search_path from current
as $$
begin
  insert into monitor_changes (monitor_id, field, value_before, value_after, changed_at)
  select changed.id, field.key, before.value -> field.key, field.value, changed.updated_at
  from changed
  join changed_from on changed_from.id = changed.id
  cross join lateral (select to_jsonb(changed_from) as value) before
  cross join lateral jsonb_each(to_jsonb(changed)) field
  where field.key in ('status', 'cadence_cron', 'cadence_timezone', 'behavior', 'metadata', 'webset_id', 'name', 'trigger',
      'output_schema', 'absent_since')
    and before.value -> field.key is distinct from field.value;
  return null;
end
$$;

comment on function note_monitor_changes() is 'Trigger function that notes in monitor_changes what an update changed.';
--> statement-breakpoint
-- Wilson's interval: unlike failed / all it says little where little is known.
create or replace function rate_lower_bound(failed double precision, completed double precision) returns double precision
language sql immutable parallel safe
return (
  select (rate + z * z / (2 * runs) - z * sqrt((rate * (1 - rate) + z * z / (4 * runs)) / runs)) / (1 + z * z / runs)
  from (select nullif(failed + completed, 0) as runs, failed / nullif(failed + completed, 0) as rate, 2.326 as z) counted
);

comment on function rate_lower_bound(double precision, double precision) is 'What a failure rate is at least, with 99 % certainty, given so many failed and completed runs; null without any.';
--> statement-breakpoint
create or replace view failure_clusters as
select
  clusters.day,
  sources.account,
  sources.api,
  clusters.reason,
  clusters.monitors,
  clusters.failed_runs,
  clusters.first_failed_at,
  clusters.last_failed_at
from (
  select
    utc_day(created_at) as day,
    source_id,
    failure_reason_pattern(failed_reason) as reason,
    count(distinct monitor_id)::integer as monitors,
    count(*)::integer as failed_runs,
    min(created_at) as first_failed_at,
    max(created_at) as last_failed_at
  from monitor_runs
  where status = 'failed'
  group by utc_day(created_at), source_id, failure_reason_pattern(failed_reason)
  having count(distinct monitor_id) >= 3
) clusters
join sync_sources sources on sources.id = clusters.source_id;

comment on view failure_clusters is 'Three or more monitors of one source that failed on one UTC day for one kind of reason: mostly one cause. Reads all failed runs.';
comment on column failure_clusters.day is 'The UTC day on which the runs were created.';
comment on column failure_clusters.account is 'The account.';
comment on column failure_clusters.api is 'The API.';
comment on column failure_clusters.reason is 'What the reasons have in common (failure_reason_pattern).';
comment on column failure_clusters.monitors is 'Distinct monitors.';
comment on column failure_clusters.failed_runs is 'Failed runs.';
comment on column failure_clusters.first_failed_at is 'When the first of them was created.';
comment on column failure_clusters.last_failed_at is 'When the last of them was created.';
--> statement-breakpoint
create or replace view failure_incidents as
with outcomes as (
  select
    monitor_id,
    id,
    status,
    failed_reason,
    created_at,
    count(*) filter (where status = 'completed') over earlier as successes_before,
    min(case when status = 'completed' then created_at end) over later as ended_at
  from monitor_runs
  where status in ('completed', 'failed')
  window
    earlier as (partition by monitor_id order by created_at, id),
    later as (partition by monitor_id order by created_at desc, id desc)
)
select
  incidents.monitor_id,
  monitor_name(monitors.id, monitors.name, monitors.metadata, monitors.behavior) as monitor_name,
  sources.account,
  sources.api,
  incidents.began_at,
  incidents.ended_at,
  incidents.ended_at is null as is_going_on,
  extract(epoch from coalesce(incidents.ended_at, now()) - incidents.began_at)::double precision / 3600 as hours,
  incidents.failed_runs,
  incidents.first_run_id,
  incidents.first_reason,
  incidents.last_run_id,
  incidents.last_reason
from (
  select
    monitor_id,
    min(created_at) as began_at,
    min(ended_at) as ended_at,
    count(*)::integer as failed_runs,
    (array_agg(id order by created_at, id))[1] as first_run_id,
    (array_agg(failed_reason order by created_at, id))[1] as first_reason,
    (array_agg(id order by created_at desc, id desc))[1] as last_run_id,
    (array_agg(failed_reason order by created_at desc, id desc))[1] as last_reason
  from outcomes
  where status = 'failed'
  group by monitor_id, successes_before
) incidents
join monitors on monitors.id = incidents.monitor_id
join sync_sources sources on sources.id = monitors.source_id;

comment on view failure_incidents is 'A streak of failed runs of one monitor: from the first failure to the run that succeeded after it. Canceled and open runs neither count nor end it. Reads all runs of the monitors that are asked for.';
comment on column failure_incidents.monitor_id is 'The monitor.';
comment on column failure_incidents.monitor_name is 'What people call it.';
comment on column failure_incidents.account is 'The account that it belongs to.';
comment on column failure_incidents.api is 'The API that it is read from.';
comment on column failure_incidents.began_at is 'When the first of the failed runs was created.';
comment on column failure_incidents.ended_at is 'When the run was created that succeeded after them; null: none has.';
comment on column failure_incidents.is_going_on is 'Whether none has succeeded since.';
comment on column failure_incidents.hours is 'From began_at to ended_at, or to now.';
comment on column failure_incidents.failed_runs is 'Failed runs in it.';
comment on column failure_incidents.first_run_id is 'The first of them.';
comment on column failure_incidents.first_reason is 'Why that failed, in the words of the API.';
comment on column failure_incidents.last_run_id is 'The last of them.';
comment on column failure_incidents.last_reason is 'Why that failed.';
--> statement-breakpoint
create or replace trigger monitors_updated after update on monitors
referencing old table as changed_from new table as changed for each statement execute function note_monitor_changes();
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
    where late_run_id is null and due_at > now() - interval '30 days'
    group by monitor_id
  ) missed on missed.monitor_id = monitors.id
),
rated as (
  select
    measured.*,
    case when failed_30d + completed_30d >= 3 then failed_30d else failed_90d end as rated_failed,
    case when failed_30d + completed_30d >= 3 then completed_30d else completed_90d end as rated_completed,
    -- Only as far as the runs are known: what was not read is not silence.
    covered_through - coalesce(last_run_at, created_at) > longest_gap + interval '6 hours' as is_silent,
    covered_through - coalesce(last_success_at, created_at)
      > greatest(3 * coalesce(longest_gap, interval '1 day'), interval '3 days') as is_without_success
  from measured
),
reasoned as (
  select
    rated.*,
    failure_streak >= 3
      or failure_streak = 2 and (longest_gap >= interval '2 days' or coalesce(is_without_success, false))
      as has_long_streak,
    rate_lower_bound(rated_failed, rated_completed) as least_rate,
    rated_failed + rated_completed as rated_runs,
    coalesce(is_silent, false) as is_surely_silent,
    coalesce(is_without_success, false) and last_run_at is not null as is_surely_without_success
  from rated
),
judged as (
  select
    reasoned.*,
    case
      when not is_active then 'disabled'
      when coalesce(has_long_streak, false) or stuck_runs >= 3 or least_rate >= 0.5 and rated_runs >= 3 then 'failing'
      when is_surely_silent or is_surely_without_success then 'silent'
      when failure_streak >= 2 or stuck_runs >= 1 or missed_runs_30d >= 2 or least_rate >= 0.1 and rated_runs >= 3
        then 'degraded'
      when rated_runs < 3 then 'unproven'
      else 'healthy'
    end as verdict
  from reasoned
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
  end as verdict_since
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

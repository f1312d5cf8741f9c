drop view failure_reasons;
--> statement-breakpoint
drop function failure_reasons_since;
--> statement-breakpoint
create or replace function last_monitor_change(of_monitor text, until timestamptz)
returns table (changed_at timestamptz, fields text[])
language sql stable parallel safe
begin atomic
  select changes.changed_at, array_agg(distinct changes.field order by changes.field)
  from monitor_changes changes
  where changes.monitor_id = of_monitor and changes.changed_at <= until and changes.field <> 'absent_since'
  group by changes.changed_at
  order by changes.changed_at desc
  limit 1;
end;

comment on function last_monitor_change(text, timestamptz) is 'When the configuration of a monitor last changed up to an instant, and which of its fields; no row: not that is known.';
--> statement-breakpoint
-- A Search Monitor's behavior is what it searches for; its type is a kind of search.
create or replace function monitor_type(behavior jsonb) returns text
language sql immutable parallel safe
return case when behavior ? 'config' then behavior ->> 'type' end;

comment on function monitor_type(jsonb) is 'What a monitor of websets does: search or refresh. Null for a Search Monitor.';
--> statement-breakpoint
-- Whoever changes a monitor, each field that differs is noted. The fields of next_run_at and of bookkeeping are left out:
-- the first moves with every run. A record that changes without a new updated_at, or is absent, changed when that was seen.
create or replace function note_monitor_changes() returns trigger
language plpgsql
set search_path from current
as $$
begin
  insert into monitor_changes (monitor_id, field, value_before, value_after, changed_at)
  select changed.id, field.key, before.value -> field.key, field.value,
    case when changed.updated_at > changed_from.updated_at then changed.updated_at else now() end
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
create or replace function failure_clusters_since(since timestamptz)
returns table (
  day date,
  account text,
  api text,
  reason text,
  monitors integer,
  failed_runs integer,
  first_failed_at timestamptz,
  last_failed_at timestamptz
)
language sql stable parallel safe
begin atomic
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
      utc_day(runs.created_at) as day,
      runs.source_id,
      failure_reason_pattern(runs.failed_reason) as reason,
      count(distinct runs.monitor_id)::integer as monitors,
      count(*)::integer as failed_runs,
      min(runs.created_at) as first_failed_at,
      max(runs.created_at) as last_failed_at
    from monitor_runs runs
    where runs.status = 'failed' and runs.created_at >= since
    group by utc_day(runs.created_at), runs.source_id, failure_reason_pattern(runs.failed_reason)
    having count(distinct runs.monitor_id) >= 3
  ) clusters
  join sync_sources sources on sources.id = clusters.source_id;
end;

comment on function failure_clusters_since(timestamptz) is 'The rows of failure_clusters for runs created at this instant or later.';
--> statement-breakpoint
create or replace function failure_reasons_since(since timestamptz)
returns table (
  reason text,
  failures integer,
  monitors integer,
  first_seen_at timestamptz,
  last_seen_at timestamptz,
  example text,
  example_run_id text,
  account text,
  api text
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
    reasons.example_run_id,
    sources.account,
    sources.api
  from (
    select
      runs.source_id,
      failure_reason_pattern(runs.failed_reason) as reason,
      count(*)::integer as failures,
      count(distinct runs.monitor_id)::integer as monitors,
      min(runs.created_at) as first_seen_at,
      max(runs.created_at) as last_seen_at,
      (array_agg(runs.id order by runs.created_at desc, runs.id desc))[1] as example_run_id
    from monitor_runs runs
    where runs.status = 'failed' and runs.created_at >= since
    group by runs.source_id, failure_reason_pattern(runs.failed_reason)
  ) reasons
  left join sync_sources sources on sources.id = reasons.source_id;
end;

comment on function failure_reasons_since(timestamptz) is 'The rows of failure_reasons for runs created at this instant or later.';
--> statement-breakpoint
-- Run by run from the index of failures, so that a condition on began_at or on the monitor becomes a search. Of runs at one
-- instant the one with the lesser id comes first.
create or replace view failure_incidents as
select
  first.monitor_id,
  monitor_name(monitors.id, monitors.name, monitors.metadata, monitors.behavior) as monitor_name,
  sources.account,
  sources.api,
  first.created_at as began_at,
  success.created_at as ended_at,
  success.created_at is null as is_going_on,
  extract(epoch from coalesce(success.created_at, now()) - first.created_at)::double precision / 3600 as hours,
  failures.runs as failed_runs,
  first.id as first_run_id,
  first.failed_reason as first_reason,
  failures.last_run_id,
  failures.last_reason,
  monitor_type(monitors.behavior) as type,
  last_change.changed_at as last_change_at,
  last_change.fields as last_changed_fields
from monitor_runs first
join monitors on monitors.id = first.monitor_id
left join sync_sources sources on sources.id = monitors.source_id
left join lateral (
  select runs.status
  from monitor_runs runs
  where runs.monitor_id = first.monitor_id and runs.status in ('completed', 'failed')
    and utc_day(runs.created_at) <= utc_day(first.created_at)
    and (runs.created_at, runs.id) < (first.created_at, first.id)
  order by utc_day(runs.created_at) desc, runs.created_at desc, runs.id desc
  limit 1
) before on true
left join lateral (
  select runs.created_at, runs.id
  from monitor_runs runs
  where runs.monitor_id = first.monitor_id and runs.status = 'completed'
    and utc_day(runs.created_at) >= utc_day(first.created_at)
    and (runs.created_at, runs.id) > (first.created_at, first.id)
  order by utc_day(runs.created_at), runs.created_at, runs.id
  limit 1
) success on true
cross join lateral (
  select
    count(*)::integer as runs,
    (array_agg(runs.id order by runs.created_at desc, runs.id desc))[1] as last_run_id,
    (array_agg(runs.failed_reason order by runs.created_at desc, runs.id desc))[1] as last_reason
  from monitor_runs runs
  where runs.monitor_id = first.monitor_id and runs.status = 'failed'
    and utc_day(runs.created_at) between utc_day(first.created_at) and coalesce(utc_day(success.created_at), 'infinity')
    and (runs.created_at, runs.id) >= (first.created_at, first.id)
    and (success.id is null or (runs.created_at, runs.id) < (success.created_at, success.id))
) failures
left join lateral last_monitor_change(first.monitor_id, first.created_at) last_change on true
where first.status = 'failed' and before.status is distinct from 'failed';

comment on view failure_incidents is 'A streak of failed runs of one monitor: from the first failure to the run that succeeded after it. Canceled and open runs neither count nor end it. Looks at every failed run that began_at or the monitor leave: choose one of them.';
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
comment on column failure_incidents.type is 'What the monitor does (monitor_type).';
comment on column failure_incidents.last_change_at is 'When its configuration had last changed before the first of them was created; null: not that is known.';
comment on column failure_incidents.last_changed_fields is 'Which fields changed then.';
--> statement-breakpoint
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
--> statement-breakpoint
create or replace view missed_run_facts as
select
  missed.monitor_id,
  monitor_name(monitors.id, monitors.name, monitors.metadata, monitors.behavior) as monitor_name,
  sources.account,
  sources.api,
  monitor_type(monitors.behavior) as type,
  utc_day(missed.due_at) as day,
  missed.due_at,
  missed.noticed_at,
  missed.late_run_id is not null as is_late,
  missed.late_run_id,
  missed.late_by_seconds
from missed_runs missed
join monitors on monitors.id = missed.monitor_id
left join sync_sources sources on sources.id = monitors.source_id;

comment on view missed_run_facts is 'A time at which a run was due by the schedule of its monitor and none came in time. Only what the sync could know is judged: spans that it has read, under a schedule that it had seen.';
comment on column missed_run_facts.monitor_id is 'The monitor.';
comment on column missed_run_facts.monitor_name is 'What people call it (monitor_name).';
comment on column missed_run_facts.account is 'The account that it belongs to.';
comment on column missed_run_facts.api is 'The API that it is read from: websets or search.';
comment on column missed_run_facts.type is 'What it does (monitor_type).';
comment on column missed_run_facts.day is 'The UTC day on which the run was due.';
comment on column missed_run_facts.due_at is 'When it was due.';
comment on column missed_run_facts.noticed_at is 'The start of the cycle that noticed it.';
comment on column missed_run_facts.is_late is 'Whether a run came after all, before the next one was due. False: missed.';
comment on column missed_run_facts.late_run_id is 'That run.';
comment on column missed_run_facts.late_by_seconds is 'How long after due_at it was created.';
--> statement-breakpoint
-- The monitor as it is now, less what has changed since: of each field the value before its first later change.
create or replace view monitor_run_configurations as
select
  runs.id as run_id,
  runs.monitor_id,
  monitor_name(monitors.id, monitors.name, monitors.metadata, monitors.behavior) as monitor_name,
  sources.account,
  sources.api,
  runs.type,
  utc_day(runs.created_at) as day,
  runs.status,
  runs.failed_reason,
  runs.created_at,
  ran_with.status as monitor_status,
  ran_with.webset_id,
  ran_with.name,
  ran_with.behavior,
  coalesce(ran_with.behavior ->> 'query', ran_with.behavior -> 'config' ->> 'query') as query,
  ran_with.cadence_cron,
  ran_with.cadence_timezone,
  ran_with.trigger,
  ran_with.output_schema,
  ran_with.metadata,
  last_change.changed_at as last_change_at,
  last_change.fields as last_changed_fields
from monitor_runs runs
join monitors on monitors.id = runs.monitor_id
left join sync_sources sources on sources.id = monitors.source_id
left join lateral (
  select jsonb_object_agg(first_of_each.field, first_of_each.value_before) as fields
  from (
    select distinct on (changes.field) changes.field, changes.value_before
    from monitor_changes changes
    where changes.monitor_id = runs.monitor_id and changes.changed_at > runs.created_at
    order by changes.field, changes.changed_at, changes.seen_at
  ) first_of_each
) later on true
cross join lateral jsonb_populate_record(monitors, coalesce(later.fields, '{}')) ran_with
left join lateral last_monitor_change(runs.monitor_id, runs.created_at) last_change on true;

comment on view monitor_run_configurations is 'Every run beside the configuration of its monitor at that time, as far as monitor_changes goes back: changes from before the sync first saw the monitor are not known. Looks up the changes of each run: choose a monitor or a span of days.';
comment on column monitor_run_configurations.run_id is 'Exa''s id of the run.';
comment on column monitor_run_configurations.monitor_id is 'The monitor that ran.';
comment on column monitor_run_configurations.monitor_name is 'What people call it now (monitor_name).';
comment on column monitor_run_configurations.account is 'The account that it belongs to.';
comment on column monitor_run_configurations.api is 'The API that it is read from: websets or search.';
comment on column monitor_run_configurations.type is 'search or refresh; null for runs of Search Monitors.';
comment on column monitor_run_configurations.day is 'The day in UTC on which the run was created.';
comment on column monitor_run_configurations.status is 'Status of the run.';
comment on column monitor_run_configurations.failed_reason is 'Why it failed, in the words of the API.';
comment on column monitor_run_configurations.created_at is 'When the run was created: the instant of the configuration.';
comment on column monitor_run_configurations.monitor_status is 'Status of the monitor then.';
comment on column monitor_run_configurations.webset_id is 'The webset that it fed then.';
comment on column monitor_run_configurations.name is 'Its name then.';
comment on column monitor_run_configurations.behavior is 'What it did then.';
comment on column monitor_run_configurations.query is 'What it searched for then.';
comment on column monitor_run_configurations.cadence_cron is 'When it ran, then.';
comment on column monitor_run_configurations.cadence_timezone is 'The time zone of that.';
comment on column monitor_run_configurations.trigger is 'The schedule of a Search Monitor then.';
comment on column monitor_run_configurations.output_schema is 'What a Search Monitor was to answer with then.';
comment on column monitor_run_configurations.metadata is 'The customer''s own keys and values then.';
comment on column monitor_run_configurations.last_change_at is 'When the configuration had last changed before the run was created; null: not that is known.';
comment on column monitor_run_configurations.last_changed_fields is 'Which fields changed then.';
--> statement-breakpoint
create or replace view monitor_run_facts as
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
  monitors.absent_since as monitor_absent_since,
  monitor_name(monitors.id, monitors.name, monitors.metadata, monitors.behavior) as monitor_name,
  sources.account,
  sources.api
from monitor_runs runs
-- Never loses a run: a monitor is stored before its runs and is never removed. An outer join would keep the planner from
-- reading a span of days monitor by monitor.
join monitors on monitors.id = runs.monitor_id
-- An outer one costs nothing where neither of its columns is asked for.
left join sync_sources sources on sources.id = monitors.source_id;

comment on view monitor_run_facts is 'Every run with what is known of its monitor: the view to start from. Runs that Exa no longer has are included (absent_since). For a span of time over all monitors, filter on day: an index holds it.';
comment on column monitor_run_facts.run_id is 'Exa''s id of the run.';
comment on column monitor_run_facts.monitor_id is 'The monitor that ran.';
comment on column monitor_run_facts.webset_id is 'The webset that the monitor feeds.';
comment on column monitor_run_facts.day is 'The day in UTC on which the run was created.';
comment on column monitor_run_facts.status is 'created, running, completed, failed or canceled; other values count as open.';
comment on column monitor_run_facts.type is 'search or refresh; null for runs of Search Monitors.';
comment on column monitor_run_facts.is_final is 'Whether the run can no longer change: completed, failed or canceled.';
comment on column monitor_run_facts.is_failed is 'Whether the run failed.';
comment on column monitor_run_facts.failed_reason is 'Why, in the words of the API.';
comment on column monitor_run_facts.created_at is 'When the run was created.';
comment on column monitor_run_facts.updated_at is 'Exa''s time of the run''s last change.';
comment on column monitor_run_facts.finished_at is 'When it completed, failed or was canceled; null while it is open.';
comment on column monitor_run_facts.duration_seconds is 'From created_at to finished_at.';
comment on column monitor_run_facts.queue_seconds is 'From created_at to the first change into running that the sync saw. Known only for runs that it met while they ran; an upper bound, since it looks now and then.';
comment on column monitor_run_facts.absent_since is 'When the sync found that Exa no longer has the run.';
comment on column monitor_run_facts.first_synced_at is 'When this warehouse first stored the run.';
comment on column monitor_run_facts.changed_at is 'When the run last changed in this warehouse (not its monitor).';
comment on column monitor_run_facts.monitor_status is 'enabled or disabled, as last listed.';
comment on column monitor_run_facts.monitor_cadence_cron is 'When the monitor runs, as last listed.';
comment on column monitor_run_facts.monitor_cadence_timezone is 'The time zone of that.';
comment on column monitor_run_facts.monitor_metadata is 'The customer''s own keys and values of the monitor.';
comment on column monitor_run_facts.monitor_absent_since is 'When the sync found that Exa no longer has the monitor.';
comment on column monitor_run_facts.monitor_name is 'What people call the monitor (monitor_name).';
comment on column monitor_run_facts.account is 'The account that it belongs to.';
comment on column monitor_run_facts.api is 'The API that it is read from: websets or search.';
--> statement-breakpoint
create or replace view sync_freshness as
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
    monitor_name(monitors.id, monitors.name, monitors.metadata, monitors.behavior) as monitor_name,
    sources.account,
    sources.api,
    monitors.absent_since,
    -- A cycle that found a monitor readable, to its end, left nothing uncovered up to the cycle's start: it either
    -- walked the monitor or had evidence that there was nothing new. That says nothing of a monitor whose only
    -- walk ended at a date (sync --since).
    case
      when checkpoints.last_full_walk_at is null and checkpoints.last_walk_kind = 'since' then null
      when checkpoints.consecutive_failures = 0
        and checkpoints.last_walk_at is not null
        and checkpoints.unfinished_walk is null
        and monitors.absent_since is null
        and monitors.first_synced_at <= whole_cycle.finished_at
      then greatest(checkpoints.synced_through, whole_cycle.started_at)
      else checkpoints.synced_through
    end as covered_through,
    checkpoints.synced_through,
    checkpoints.last_walk_at,
    checkpoints.last_full_walk_at,
    checkpoints.unfinished_walk is not null as is_walk_unfinished,
    coalesce(rejected.runs, 0) as rejected_runs,
    coalesce(checkpoints.consecutive_failures, 0) as consecutive_failures,
    checkpoints.last_error,
    checkpoints.last_error_at
  from monitors
  left join sync_checkpoints checkpoints on checkpoints.monitor_id = monitors.id
  left join rejected on rejected.monitor_id = monitors.id
  left join whole_cycle on true
  left join sync_sources sources on sources.id = monitors.source_id
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
  last_error_at,
  monitor_name,
  account,
  api
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
  case when last_cycle.error is not null then last_cycle.finished_at end,
  null,
  null,
  null
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

comment on view sync_freshness is 'How far the warehouse can be trusted: one row a monitor (scope monitor) and one over all monitors that Exa still has (scope all). Without it, no failures cannot be told from not synced.';
comment on column sync_freshness.scope is 'monitor or all.';
comment on column sync_freshness.monitor_id is 'The monitor; null for all.';
comment on column sync_freshness.monitors is 'Monitors behind the row.';
comment on column sync_freshness.covered_through is 'Up to here the runs are known: the start of the last cycle over all monitors that read this one or had evidence that nothing was new, else synced_through; null while its only walk ended at a date (sync --since). For all: the earliest; null while any is null.';
comment on column sync_freshness.is_stale is 'Whether covered_through is more than 24 hours ago, or unknown.';
comment on column sync_freshness.synced_through is 'Creation time of the newest run when the last finished walk began, or that beginning when the run is dated in the future. It rests while no new run comes. For all: the earliest; null while any is null.';
comment on column sync_freshness.last_walk_at is 'When the last walk over runs ended.';
comment on column sync_freshness.last_full_walk_at is 'When the last finished walk over the whole list began. For all: the earliest; null while any is null.';
comment on column sync_freshness.unfinished_walks is 'Walks that stopped on their way and will go on.';
comment on column sync_freshness.rejected_runs is 'Runs in rejected_runs: seen, but not stored as runs.';
comment on column sync_freshness.consecutive_failures is 'Cycles in a row that could not read the monitor. For all: the greatest.';
comment on column sync_freshness.last_error is 'Why the monitor could not be read in the last of them. For all: what went wrong in the last finished cycle.';
comment on column sync_freshness.last_error_at is 'When that was.';
comment on column sync_freshness.monitor_name is 'What people call the monitor (monitor_name); null for all.';
comment on column sync_freshness.account is 'The account that it belongs to; null for all.';
comment on column sync_freshness.api is 'The API that it is read from; null for all.';
--> statement-breakpoint
create or replace view failure_clusters as
select day, account, api, reason, monitors, failed_runs, first_failed_at, last_failed_at
from failure_clusters_since('-infinity');

comment on view failure_clusters is 'Three or more monitors of one account and API that failed on one UTC day for one kind of reason: mostly one cause. Reads all failed runs: for a span of time use failure_clusters_since(instant), which has the same columns.';
comment on column failure_clusters.day is 'The UTC day on which the runs were created.';
comment on column failure_clusters.account is 'The account.';
comment on column failure_clusters.api is 'The API.';
comment on column failure_clusters.reason is 'What the reasons have in common (failure_reason_pattern).';
comment on column failure_clusters.monitors is 'Distinct monitors.';
comment on column failure_clusters.failed_runs is 'Failed runs.';
comment on column failure_clusters.first_failed_at is 'When the first of them was created.';
comment on column failure_clusters.last_failed_at is 'When the last of them was created.';
--> statement-breakpoint
create or replace view failure_reasons as
select reason, failures, monitors, first_seen_at, last_seen_at, example, example_run_id, account, api
from failure_reasons_since('-infinity');

comment on view failure_reasons is 'Failed runs of all time, grouped by account, API and failure_reason_pattern(failed_reason). Reads all failed runs: for a span of time use failure_reasons_since(instant), which has the same columns.';
comment on column failure_reasons.reason is 'What the reasons have in common.';
comment on column failure_reasons.failures is 'Runs that failed so.';
comment on column failure_reasons.monitors is 'Distinct monitors among them.';
comment on column failure_reasons.first_seen_at is 'When the first of these runs was created.';
comment on column failure_reasons.last_seen_at is 'When the last of them was created.';
comment on column failure_reasons.example is 'The reason of the last of them, unchanged.';
comment on column failure_reasons.example_run_id is 'The last of them.';
comment on column failure_reasons.account is 'The account of their monitors.';
comment on column failure_reasons.api is 'The API that they are read from.';
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
--> statement-breakpoint
comment on column monitor_changes.changed_at is 'The monitor''s updated_at in the listing that showed it: when it changed at Exa, or later. Where that has not moved, when the sync saw it.';

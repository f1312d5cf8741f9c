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

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

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

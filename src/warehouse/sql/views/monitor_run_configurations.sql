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

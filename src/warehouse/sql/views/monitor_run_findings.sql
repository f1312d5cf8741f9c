create or replace view monitor_run_findings as
select
  found.run_id,
  found.monitor_id,
  monitor_name(monitors.id, monitors.name, monitors.metadata, monitors.behavior) as monitor_name,
  sources.account,
  sources.api,
  utc_day(found.created_at) as day,
  found.created_at,
  found.results,
  found.new_pages,
  found.results = 0 as found_nothing
from (
  select
    run_id,
    monitor_id,
    created_at,
    results,
    -- Conditions on the monitor reach below the window, since every window is of one monitor.
    count(*) filter (where url is not null and nth_time = 1)::integer as new_pages
  from (
    select
      runs.id as run_id,
      runs.monitor_id,
      runs.created_at,
      outputs.results,
      found.url,
      row_number() over (partition by runs.monitor_id, found.url order by runs.created_at, runs.id, found.position) as nth_time
    from monitor_run_outputs outputs
    join monitor_runs runs on runs.id = outputs.run_id
    left join monitor_run_results found on found.run_id = outputs.run_id
  ) times
  group by run_id, monitor_id, created_at, results
) found
join monitors on monitors.id = found.monitor_id
join sync_sources sources on sources.id = monitors.source_id;

comment on view monitor_run_findings is 'What each run with an output found: how many pages, and how many of them its monitor had not found before. Empty while SYNC_OUTPUTS is none. Reads all results of the monitors that are asked for.';
comment on column monitor_run_findings.run_id is 'The run.';
comment on column monitor_run_findings.monitor_id is 'Its monitor.';
comment on column monitor_run_findings.monitor_name is 'What people call the monitor (monitor_name); never empty.';
comment on column monitor_run_findings.account is 'The account.';
comment on column monitor_run_findings.api is 'The API.';
comment on column monitor_run_findings.day is 'The day in UTC on which the run was created.';
comment on column monitor_run_findings.created_at is 'When the run was created.';
comment on column monitor_run_findings.results is 'Pages that the run found.';
comment on column monitor_run_findings.new_pages is 'Distinct addresses among them that no earlier stored run of the monitor found.';
comment on column monitor_run_findings.found_nothing is 'Whether the run found no page.';

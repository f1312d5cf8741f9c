create or replace view monitor_pages as
select
  found.monitor_id,
  monitor_name(monitors.id, monitors.name, monitors.metadata, monitors.behavior) as monitor_name,
  sources.account,
  sources.api,
  found.url,
  found.title,
  found.runs,
  found.first_run_id,
  found.first_found_at,
  found.last_found_at
from (
  select
    runs.monitor_id,
    results.url,
    (array_agg(results.title order by runs.created_at desc, runs.id desc) filter (where results.title is not null))[1] as title,
    count(distinct runs.id)::integer as runs,
    (array_agg(runs.id order by runs.created_at, runs.id))[1] as first_run_id,
    min(runs.created_at) as first_found_at,
    max(runs.created_at) as last_found_at
  from monitor_run_results results
  join monitor_runs runs on runs.id = results.run_id
  where results.url is not null
  group by runs.monitor_id, results.url
) found
join monitors on monitors.id = found.monitor_id
join sync_sources sources on sources.id = monitors.source_id;

comment on view monitor_pages is 'A page that a monitor found, by its address, however many runs found it. Empty while SYNC_OUTPUTS is none. Reads all results of the monitors that are asked for.';
comment on column monitor_pages.monitor_id is 'The monitor.';
comment on column monitor_pages.monitor_name is 'What people call it (monitor_name); never empty.';
comment on column monitor_pages.account is 'The account.';
comment on column monitor_pages.api is 'The API.';
comment on column monitor_pages.url is 'The address of the page, as the API wrote it.';
comment on column monitor_pages.title is 'Its title, as last found.';
comment on column monitor_pages.runs is 'Runs of the monitor that found it.';
comment on column monitor_pages.first_run_id is 'The first of them.';
comment on column monitor_pages.first_found_at is 'When the first of them was created.';
comment on column monitor_pages.last_found_at is 'When the last of them was created.';

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
--> statement-breakpoint
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
--> statement-breakpoint
create or replace view monitor_findings_weekly as
select
  monitor_id,
  monitor_name,
  account,
  api,
  date_trunc('week', day::timestamp)::date as week,
  count(*)::integer as runs,
  count(*) filter (where found_nothing)::integer as empty_runs,
  sum(results)::integer as results,
  sum(new_pages)::integer as new_pages
from monitor_run_findings
group by monitor_id, monitor_name, account, api, date_trunc('week', day::timestamp)::date;

comment on view monitor_findings_weekly is 'What a monitor found in a week, which begins on Monday in UTC: how much of it was new. A week without a run that has an output has no row.';
comment on column monitor_findings_weekly.monitor_id is 'The monitor.';
comment on column monitor_findings_weekly.monitor_name is 'What people call it (monitor_name); never empty.';
comment on column monitor_findings_weekly.account is 'The account.';
comment on column monitor_findings_weekly.api is 'The API.';
comment on column monitor_findings_weekly.week is 'The Monday with which the week begins.';
comment on column monitor_findings_weekly.runs is 'Runs with an output that were created in it.';
comment on column monitor_findings_weekly.empty_runs is 'Those of them that found no page.';
comment on column monitor_findings_weekly.results is 'Pages that the runs found, those that several found counted each time.';
comment on column monitor_findings_weekly.new_pages is 'Addresses that the monitor had not found before.';
--> statement-breakpoint
create or replace view pages_of_several_monitors as
select
  url,
  (array_agg(title order by last_found_at desc, monitor_id) filter (where title is not null))[1] as title,
  count(*)::integer as monitors,
  array_agg(monitor_id order by first_found_at, monitor_id) as monitor_ids,
  array_agg(monitor_name order by first_found_at, monitor_id) as monitor_names,
  min(first_found_at) as first_found_at,
  max(last_found_at) as last_found_at
from monitor_pages
group by url
having count(*) > 1;

comment on view pages_of_several_monitors is 'A page that two or more monitors found, of whichever account. Reads all results.';
comment on column pages_of_several_monitors.url is 'The address of the page.';
comment on column pages_of_several_monitors.title is 'Its title, as last found.';
comment on column pages_of_several_monitors.monitors is 'Distinct monitors that found it.';
comment on column pages_of_several_monitors.monitor_ids is 'These monitors, the one that found it first in front.';
comment on column pages_of_several_monitors.monitor_names is 'Their names, in the same order.';
comment on column pages_of_several_monitors.first_found_at is 'When the first run was created that found it.';
comment on column pages_of_several_monitors.last_found_at is 'When the last run was created that found it.';

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

-- A look at the newest run of each monitor, which costs an idle cycle little. It finds runs that were loaded while the triggers
-- were off, and those whose day has come.
create or replace function suspect_monitor_run_summaries() returns setof text
language sql stable
begin atomic
  select known.monitor_id
  from (select id as monitor_id from monitors union select monitor_id from monitor_run_summaries) known
  left join monitor_run_summaries summary on summary.monitor_id = known.monitor_id
  left join lateral (
    select runs.id, runs.status
    from monitor_runs runs
    where runs.monitor_id = known.monitor_id and utc_day(runs.created_at) <= utc_day(now()) + 1
    order by utc_day(runs.created_at) desc, runs.created_at desc, runs.id desc limit 1
  ) newest on true
  where newest.id is distinct from summary.last_run_id
    or newest.status is distinct from summary.last_run_status
    or summary.due_on <= utc_day(now());
end;

comment on function suspect_monitor_run_summaries() is 'Monitors whose row of monitor_run_summaries is wrong at first sight.';

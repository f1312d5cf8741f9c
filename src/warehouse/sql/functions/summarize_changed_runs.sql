-- The plans of these statements are made once for each connection, the first of them while the tables are empty: by
-- themselves they read all summaries for each page of runs, ten thousand of them with ten thousand monitors. The setting
-- reaches what the function calls, too.
create or replace function summarize_changed_runs() returns trigger
language plpgsql
set search_path from current
set enable_seqscan to off
as $$
declare
  written text[];
  touched text[];
begin
  if tg_op = 'TRUNCATE' then
    delete from monitor_run_summaries;
    return null;
  elsif tg_op = 'UPDATE' then
    select array_agg(distinct monitor_id) into touched
    from (select monitor_id from changed union all select monitor_id from changed_from) changes;
  else
    select array_agg(distinct monitor_id) into written from changed;
    -- Locked before it is read: another writer of the monitor may be about to change it.
    perform from monitor_run_summaries where monitor_id = any (written) order by monitor_id for no key update;
    select array_agg(distinct changed.monitor_id) into touched
    from changed
    left join (select * from monitor_run_summaries where monitor_id = any (written)) summary
      on summary.monitor_id = changed.monitor_id
    where summary.last_success_at is null
      or changed.created_at >= summary.last_success_at
      or utc_day(changed.created_at) > summary.newest_day - 92;
  end if;
  if touched is not null then
    perform refresh_monitor_run_summaries(touched);
  end if;
  return null;
end
$$;

comment on function summarize_changed_runs() is 'Trigger of monitor_runs that keeps monitor_run_summaries exact.';

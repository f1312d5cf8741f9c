-- Finds nothing by the search_path but what Postgres brings: whoever may create functions or operators somewhere on the path
-- of a writer would have them run with the writer's rights. What it calls is found beside the table, wherever that is by
-- now, and is bound to what it names.
create or replace function summarize_changed_runs() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  written text[];
  newest timestamptz[];
  touched text[];
begin
  if tg_op = 'TRUNCATE' then
    execute format('delete from %I.monitor_run_summaries', tg_table_schema);
    return null;
  elsif tg_op = 'UPDATE' then
    select array_agg(distinct monitor_id) into touched
    from (select monitor_id from changed union all select monitor_id from changed_from) changes;
  else
    select array_agg(runs.monitor_id), array_agg(runs.created_at) into written, newest
    from (select monitor_id, max(created_at) as created_at from changed group by monitor_id) runs;
    if written is not null then
      execute format('select %I.monitors_to_summarize($1, $2)', tg_table_schema) into touched using written, newest;
    end if;
  end if;
  if touched is not null then
    execute format('select %I.refresh_monitor_run_summaries($1)', tg_table_schema) using touched;
  end if;
  return null;
end
$$;

comment on function summarize_changed_runs() is 'Trigger of monitor_runs that keeps monitor_run_summaries exact.';

-- Whoever changes a monitor, each field that differs is noted. The fields of next_run_at and of bookkeeping are left out:
-- the first moves with every run. A record that changes without a new updated_at, or is absent, changed when that was seen.
-- Finds nothing by the search_path but what Postgres brings; where it writes is beside the table, wherever that is by now.
create or replace function note_monitor_changes() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  execute format($insert$
    insert into %I.monitor_changes (monitor_id, field, value_before, value_after, changed_at)
    select changed.id, field.key, before.value -> field.key, field.value,
      case when changed.updated_at > changed_from.updated_at then changed.updated_at else now() end
    from changed
    join changed_from on changed_from.id = changed.id
    cross join lateral (select to_jsonb(changed_from) as value) before
    cross join lateral jsonb_each(to_jsonb(changed)) field
    where field.key in ('status', 'cadence_cron', 'cadence_timezone', 'behavior', 'metadata', 'webset_id', 'name', 'trigger',
        'output_schema', 'absent_since')
      and before.value -> field.key is distinct from field.value$insert$, tg_table_schema);
  return null;
end
$$;

comment on function note_monitor_changes() is 'Trigger function that notes in monitor_changes what an update changed.';

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
    select changed.id, field.key, coalesce(field.before, 'null'), coalesce(field.after, 'null'),
      case when changed.updated_at > changed_from.updated_at then changed.updated_at else now() end
    from changed
    join changed_from on changed_from.id = changed.id
    cross join lateral (values
      ('status', to_jsonb(changed_from.status), to_jsonb(changed.status)),
      ('cadence_cron', to_jsonb(changed_from.cadence_cron), to_jsonb(changed.cadence_cron)),
      ('cadence_timezone', to_jsonb(changed_from.cadence_timezone), to_jsonb(changed.cadence_timezone)),
      ('behavior', to_jsonb(changed_from.behavior), to_jsonb(changed.behavior)),
      ('metadata', to_jsonb(changed_from.metadata), to_jsonb(changed.metadata)),
      ('webset_id', to_jsonb(changed_from.webset_id), to_jsonb(changed.webset_id)),
      ('name', to_jsonb(changed_from.name), to_jsonb(changed.name)),
      ('trigger', to_jsonb(changed_from.trigger), to_jsonb(changed.trigger)),
      ('output_schema', to_jsonb(changed_from.output_schema), to_jsonb(changed.output_schema)),
      ('absent_since', to_jsonb(changed_from.absent_since), to_jsonb(changed.absent_since))
    ) field (key, before, after)
    where field.before is distinct from field.after$insert$, tg_table_schema);
  return null;
end
$$;

comment on function note_monitor_changes() is 'Trigger function that notes in monitor_changes what an update changed.';

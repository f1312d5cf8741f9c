create or replace function last_monitor_change(of_monitor text, until timestamptz)
returns table (changed_at timestamptz, fields text[])
language sql stable parallel safe
begin atomic
  select changes.changed_at, array_agg(distinct changes.field order by changes.field)
  from monitor_changes changes
  where changes.monitor_id = of_monitor and changes.changed_at <= until and changes.field <> 'absent_since'
  group by changes.changed_at
  order by changes.changed_at desc
  limit 1;
end;

comment on function last_monitor_change(text, timestamptz) is 'When the configuration of a monitor last changed up to an instant, and which of its fields; no row: not that is known.';

-- A Search Monitor's behavior is what it searches for; its type is a kind of search.
create or replace function monitor_type(behavior jsonb) returns text
language sql immutable parallel safe
return case when behavior ? 'config' then behavior ->> 'type' end;

comment on function monitor_type(jsonb) is 'What a monitor of websets does: search or refresh. Null for a Search Monitor.';

create or replace function monitor_name(id text, name text, metadata jsonb, behavior jsonb) returns text
language sql immutable parallel safe
return coalesce(
  nullif(btrim(name), ''),
  nullif(btrim(metadata ->> 'name'), ''),
  nullif(btrim(metadata ->> 'title'), ''),
  nullif(btrim(left(coalesce(behavior ->> 'query', behavior -> 'config' ->> 'query'), 80)), ''),
  id
);

comment on function monitor_name(text, text, jsonb, jsonb) is 'What people call a monitor: its name, or the name or title in its metadata, or the beginning of its query, or its id. Never empty.';

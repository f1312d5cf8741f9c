create or replace function is_final(status text) returns boolean
language sql immutable parallel safe
return status in ('completed', 'failed', 'canceled');

comment on function is_final(text) is 'Whether a run of this status can no longer change. A status that this version does not know counts as open.';

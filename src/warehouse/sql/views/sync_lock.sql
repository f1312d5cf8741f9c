-- A view, since a table would be vacuumed: a vacuum of the whole database would wait here for the end of the cycle.
create or replace view sync_lock as
select 'Locked by the one cycle that runs.' as purpose;

comment on view sync_lock is 'Nothing to read: whoever runs a cycle holds a lock on this view, which needs the right to change it.';
comment on column sync_lock.purpose is 'What it is for.';

-- A view, since a table would be vacuumed: a vacuum of the whole database would wait here for the end of the cycle.
create or replace view sync_lock as
select 'Locked by the one cycle that runs.' as purpose;

comment on view sync_lock is 'Nothing to read: whoever runs a cycle holds a lock on this view, which needs the right to change it.';
comment on column sync_lock.purpose is 'What it is for.';
--> statement-breakpoint
-- A table lock, since it writes nothing: a lock of the cycle's row would write to the log at every page that changes
-- nothing. A new cycle takes the stronger one before it closes what is left running, so it waits for the writes under
-- way, and every later one finds its cycle closed. The statements see what was committed before they wait.
create or replace function require_running_cycle(cycle bigint, lock_pid integer, lock_transaction text) returns void
language plpgsql
as $$
begin
  lock table sync_cycles in row share mode;
  if not exists (select from sync_cycles where id = cycle and status = 'running') then
    raise exception 'cycle % is not running any more: another process has taken it over', cycle using errcode = 'EXA01';
  end if;
  -- A server that has crashed forgets the lock, and with it perhaps pages that the process takes for stored.
  if not exists (
    select from pg_locks
    where pid = lock_pid and virtualtransaction = lock_transaction and relation = 'sync_lock'::regclass::oid
      and mode = 'ShareRowExclusiveLock' and granted
  ) then
    raise exception 'cycle % has lost its lock: its connection was ended, or the database was restarted', cycle
      using errcode = 'EXA01';
  end if;
end
$$;

comment on function require_running_cycle(bigint, integer, text) is 'Lets a write of a cycle through only while the cycle is running and the session of its lock lives; for the sync alone.';

-- A table lock, since it writes nothing: a lock of the cycle's row would write to the log at every page that changes
-- nothing. A new cycle takes the stronger one before it closes what is left running, so it waits for the writes under
-- way, and every later one finds its cycle closed. The statements see what was committed before they wait.
-- Nothing is looked up by the search_path of who calls: the defaults are bound to the tables that they name, wherever
-- those are by now.
create or replace function require_running_cycle(cycle bigint, lock_pid integer, lock_transaction text,
  cycles regclass default 'sync_cycles', lock_view regclass default 'sync_lock') returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  running boolean;
begin
  execute format('lock table %s in row share mode', cycles);
  execute format('select exists (select from %s where id = $1 and status = ''running'')', cycles) into running using cycle;
  if not running then
    raise exception 'cycle % is not running any more: another process has taken it over', cycle using errcode = 'EXA01';
  end if;
  -- A server that has crashed forgets the lock, and with it perhaps pages that the process takes for stored.
  if not exists (
    select from pg_locks
    where pid = lock_pid and virtualtransaction = lock_transaction and relation = lock_view::oid
      and mode = 'ShareRowExclusiveLock' and granted
  ) then
    raise exception 'cycle % has lost its lock: its connection was ended, or the database was restarted', cycle
      using errcode = 'EXA01';
  end if;
end
$$;

comment on function require_running_cycle(bigint, integer, text, regclass, regclass) is 'Lets a write of a cycle through only while the cycle is running and the session of its lock lives; for the sync alone.';

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
--> statement-breakpoint
-- It has more parameters now; calls with the first three go on working.
drop function require_running_cycle(bigint, integer, text);
--> statement-breakpoint
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
--> statement-breakpoint
create or replace view sync_freshness as
with whole_cycle as (
  -- The newest cycle that went through all stages for all monitors. One that was asked for only some saw fewer than
  -- there were, or as many as are stored while the API may have more.
  select cycles.started_at, cycles.finished_at
  from sync_cycles cycles
  where cycles.status in ('succeeded', 'partial') and cycles.finished_at is not null and cycles.asks_for_all
    and cycles.monitors_seen >= (
      select count(*) from monitors
      where first_synced_at <= cycles.finished_at
        and (absent_since is null or absent_since > cycles.finished_at)
    )
  order by cycles.id desc
  limit 1
),
rejected as (
  select monitor_id, count(*)::integer as runs from rejected_runs group by monitor_id
),
per_monitor as not materialized (
  select
    monitors.id as monitor_id,
    monitor_name(monitors.id, monitors.name, monitors.metadata, monitors.behavior) as monitor_name,
    sources.account,
    sources.api,
    monitors.absent_since,
    -- A cycle that found a monitor readable, to its end, left nothing uncovered up to the cycle's start: it either
    -- walked the monitor or had evidence that there was nothing new. That says nothing of a monitor whose only
    -- walk ended at a date (sync --since).
    case
      when checkpoints.last_full_walk_at is null and checkpoints.last_walk_kind = 'since' then null
      when checkpoints.consecutive_failures = 0
        and checkpoints.last_walk_at is not null
        and checkpoints.unfinished_walk is null
        and monitors.absent_since is null
        and monitors.first_synced_at <= whole_cycle.finished_at
      then greatest(checkpoints.synced_through, whole_cycle.started_at)
      else checkpoints.synced_through
    end as covered_through,
    checkpoints.synced_through,
    checkpoints.last_walk_at,
    checkpoints.last_full_walk_at,
    checkpoints.unfinished_walk is not null as is_walk_unfinished,
    coalesce(rejected.runs, 0) as rejected_runs,
    coalesce(checkpoints.consecutive_failures, 0) as consecutive_failures,
    checkpoints.last_error,
    checkpoints.last_error_at
  from monitors
  left join sync_checkpoints checkpoints on checkpoints.monitor_id = monitors.id
  left join rejected on rejected.monitor_id = monitors.id
  left join whole_cycle on true
  left join sync_sources sources on sources.id = monitors.source_id
)
select
  'monitor' as scope,
  monitor_id,
  1 as monitors,
  covered_through,
  coalesce(covered_through < now() - interval '24 hours', true) as is_stale,
  synced_through,
  last_walk_at,
  last_full_walk_at,
  is_walk_unfinished::integer as unfinished_walks,
  rejected_runs,
  consecutive_failures,
  last_error,
  last_error_at,
  monitor_name,
  account,
  api
from per_monitor
union all
select
  'all',
  null,
  overall.monitors,
  overall.covered_through,
  coalesce(overall.covered_through < now() - interval '24 hours', true),
  overall.synced_through,
  overall.last_walk_at,
  overall.last_full_walk_at,
  overall.unfinished_walks,
  overall.rejected_runs,
  overall.consecutive_failures,
  last_cycle.error,
  case when last_cycle.error is not null then last_cycle.finished_at end,
  null,
  null,
  null
from (
  select
    count(*)::integer as monitors,
    -- What no listing has shown is not covered: nothing without a whole listing, and nothing after the last one.
    case
      when exists (select from whole_cycle) and bool_and(covered_through is not null) is not false
      then least((select started_at from whole_cycle), min(covered_through))
    end as covered_through,
    case when bool_and(synced_through is not null) then min(synced_through) end as synced_through,
    max(last_walk_at) as last_walk_at,
    case when bool_and(last_full_walk_at is not null) then min(last_full_walk_at) end as last_full_walk_at,
    coalesce(sum(is_walk_unfinished::integer), 0)::integer as unfinished_walks,
    coalesce(sum(rejected_runs), 0)::integer as rejected_runs,
    coalesce(max(consecutive_failures), 0) as consecutive_failures
  from per_monitor
  where absent_since is null
) overall
left join (
  select error, finished_at from sync_cycles where finished_at is not null order by id desc limit 1
) last_cycle on true;

comment on view sync_freshness is 'How far the warehouse can be trusted: one row a monitor (scope monitor) and one over all monitors that Exa still has (scope all). Without it, no failures cannot be told from not synced.';
comment on column sync_freshness.scope is 'monitor or all.';
comment on column sync_freshness.monitor_id is 'The monitor; null for all.';
comment on column sync_freshness.monitors is 'Monitors behind the row.';
comment on column sync_freshness.covered_through is 'Up to here the runs are known: the start of the last cycle over all monitors that read this one or had evidence that nothing was new, else synced_through; null while its only walk ended at a date (sync --since). For all: the earliest, and not after the start of the last cycle over all monitors; null while any is null, or before the first such cycle.';
comment on column sync_freshness.is_stale is 'Whether covered_through is more than 24 hours ago, or unknown.';
comment on column sync_freshness.synced_through is 'Creation time of the newest run when the last finished walk began, or that beginning when the run is dated in the future. It rests while no new run comes. For all: the earliest; null while any is null.';
comment on column sync_freshness.last_walk_at is 'When the last walk over runs ended.';
comment on column sync_freshness.last_full_walk_at is 'When the last finished walk over the whole list began. For all: the earliest; null while any is null.';
comment on column sync_freshness.unfinished_walks is 'Walks that stopped on their way and will go on.';
comment on column sync_freshness.rejected_runs is 'Runs in rejected_runs: seen, but not stored as runs.';
comment on column sync_freshness.consecutive_failures is 'Cycles in a row that could not read the monitor. For all: the greatest.';
comment on column sync_freshness.last_error is 'Why the monitor could not be read in the last of them. For all: what went wrong in the last finished cycle.';
comment on column sync_freshness.last_error_at is 'When that was.';
comment on column sync_freshness.monitor_name is 'What people call the monitor (monitor_name); null for all.';
comment on column sync_freshness.account is 'The account that it belongs to; null for all.';
comment on column sync_freshness.api is 'The API that it is read from; null for all.';
--> statement-breakpoint
comment on table monitors is 'Monitors of Exa: of websets (scheduled searches or refreshes of a webset) and Search Monitors. One row a monitor, as last listed; rows are never removed.';
--> statement-breakpoint
comment on column monitors.webset_id is 'The webset that the monitor feeds; null: a Search Monitor.';
--> statement-breakpoint
comment on column monitors.status is 'enabled or disabled, of a Search Monitor active, paused or disabled; a value that Exa adds later is kept as it is.';
--> statement-breakpoint
comment on column monitors.cadence_cron is 'When a monitor of a webset runs: a cron expression of five fields; null: see trigger.';
--> statement-breakpoint
comment on column monitor_runs.type is 'Of a run of a webset search or refresh; null: of a Search Monitor.';
--> statement-breakpoint
comment on column sync_cycles.asks_for_all is 'Whether it was to read all monitors of all sources: false after sync --monitor, --account or --api.';
--> statement-breakpoint
comment on column sync_checkpoints.list_rose is 'Whether the list of runs was once seen not to descend: it is read whole since then.';
--> statement-breakpoint
comment on column sync_checkpoints.look_again is 'Whether answers contradicted each other, so that the next cycle reads the list.';
--> statement-breakpoint
comment on column sync_checkpoints.not_found_once is 'Open runs that the API answered 404 for once, for the sync alone; null: none.';

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

-- The old pages of a first sync change no summary, so that they cost one lock instead of a count.
create or replace function monitors_to_summarize(monitor_ids text[], newest timestamptz[]) returns text[]
language sql
set enable_seqscan to off
set plan_cache_mode to force_generic_plan
begin atomic
  -- Locked before it is read: another writer of the monitor may be about to change it.
  select from monitor_run_summaries where monitor_id = any (monitor_ids) order by monitor_id for no key update;
  select array_agg(written.monitor_id)
  from unnest(monitor_ids, newest) as written (monitor_id, newest)
  left join monitor_run_summaries summary on summary.monitor_id = written.monitor_id
  where summary.last_success_at is null
    or written.newest >= summary.last_success_at
    or utc_day(written.newest) > summary.newest_day - 92;
end;

comment on function monitors_to_summarize(text[], timestamptz[]) is 'Of monitors some of whose runs were written, those whose row of monitor_run_summaries may have changed; newest: when the newest run written of each was created.';

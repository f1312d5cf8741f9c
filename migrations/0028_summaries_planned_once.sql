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
--> statement-breakpoint
-- The rows are locked first, so that of two writers of one monitor the second sees what the first has committed. Rows
-- that say what is true already are not written.
create or replace function refresh_monitor_run_summaries(monitor_ids text[]) returns void
language sql
-- Planned while the tables are empty or not analyzed, these statements would read all summaries for each page of runs.
set enable_seqscan to off
-- There is one good plan; to look for a better one at each page takes longer than to do the work.
set plan_cache_mode to force_generic_plan
begin atomic
  insert into monitor_run_summaries (monitor_id)
  select wanted.id from unnest(monitor_ids) as wanted (id) order by wanted.id
  on conflict do nothing;
  select from monitor_run_summaries where monitor_id = any (monitor_ids) order by monitor_id for no key update;
  update monitor_run_summaries as summary
  set last_run_id = fresh.last_run_id, last_run_at = fresh.last_run_at, last_run_status = fresh.last_run_status,
    last_success_at = fresh.last_success_at, failure_streak = fresh.failure_streak, newest_day = fresh.newest_day,
    completed_within = fresh.completed_within, failed_within = fresh.failed_within, due_on = fresh.due_on
  from compute_monitor_run_summaries(monitor_ids) fresh
  where summary.monitor_id = fresh.monitor_id
    and (summary.last_run_id, summary.last_run_at, summary.last_run_status, summary.last_success_at,
      summary.failure_streak, summary.newest_day, summary.completed_within, summary.failed_within, summary.due_on)
    is distinct from (fresh.last_run_id, fresh.last_run_at, fresh.last_run_status, fresh.last_success_at,
      fresh.failure_streak, fresh.newest_day, fresh.completed_within, fresh.failed_within, fresh.due_on);
  select;
end;

comment on function refresh_monitor_run_summaries(text[]) is 'Computes monitor_run_summaries anew for these monitors.';

create or replace function wrong_monitor_run_summaries(monitor_ids text[]) returns setof text
language sql stable
begin atomic
  select fresh.monitor_id
  from compute_monitor_run_summaries(monitor_ids) fresh
  left join monitor_run_summaries summary on summary.monitor_id = fresh.monitor_id
  where fresh.last_run_id is distinct from summary.last_run_id
    or fresh.last_run_at is distinct from summary.last_run_at
    or fresh.last_run_status is distinct from summary.last_run_status
    or fresh.last_success_at is distinct from summary.last_success_at
    or fresh.failure_streak is distinct from coalesce(summary.failure_streak, 0)
    or fresh.newest_day is distinct from summary.newest_day
    or fresh.completed_within is distinct from summary.completed_within
    or fresh.failed_within is distinct from summary.failed_within
    or fresh.due_on is distinct from summary.due_on;
end;

comment on function wrong_monitor_run_summaries(text[]) is 'Of these monitors, those whose row of monitor_run_summaries does not say what their runs do.';

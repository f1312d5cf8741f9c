-- Computes the summaries of these monitors anew from their runs. The rows are locked first, so that of two writers of
-- one monitor the second sees what the first has committed.
create or replace function refresh_monitor_run_summaries(monitor_ids text[]) returns void
language plpgsql
set search_path from current
-- Planning anew for each page takes three times as long as the work itself.
set plan_cache_mode to force_generic_plan
as $$
begin
  insert into monitor_run_summaries (monitor_id)
  select id from unnest(monitor_ids) as wanted (id) order by id
  on conflict do nothing;
  perform from monitor_run_summaries where monitor_id = any (monitor_ids) order by monitor_id for no key update;
  update monitor_run_summaries as summary
  set last_run_id = fresh.last_run_id, last_run_at = fresh.last_run_at, last_run_status = fresh.last_run_status,
    last_success_at = fresh.last_success_at, failure_streak = fresh.failure_streak, newest_day = fresh.newest_day,
    completed_within = fresh.completed_within, failed_within = fresh.failed_within
  from (
    select wanted.id as monitor_id, newest.id as last_run_id, newest.created_at as last_run_at,
      newest.status as last_run_status, success.created_at as last_success_at, streak.failures as failure_streak,
      newest.day as newest_day, recent.completed_within, recent.failed_within
    from unnest(monitor_ids) as wanted (id)
    left join lateral (
      select id, created_at, status, utc_day(created_at) as day from monitor_runs
      where monitor_id = wanted.id
      order by utc_day(created_at) desc, monitor_runs.created_at desc, id desc limit 1
    ) newest on true
    left join lateral (
      select created_at, utc_day(created_at) as day from monitor_runs
      where monitor_id = wanted.id and status = 'completed'
      order by utc_day(created_at) desc, monitor_runs.created_at desc limit 1
    ) success on true
    left join lateral (
      select count(*)::integer as failures from monitor_runs
      where monitor_id = wanted.id and status = 'failed'
        and utc_day(created_at) >= coalesce(success.day, '-infinity')
        and created_at > coalesce(success.created_at, '-infinity')
    ) streak on true
    -- Sums from the newest day backwards: how many runs lie within the last n days is then one element. Two days more
    -- than the longest window (90): the newest run may be dated a little after the reader's today.
    left join lateral (
      select array_agg(completed order by age) as completed_within, array_agg(failed order by age) as failed_within
      from (
        select age, sum(coalesce(days.completed, 0)) over (order by age)::integer as completed,
          sum(coalesce(days.failed, 0)) over (order by age)::integer as failed
        from generate_series(0, 91) as age
        left join (
          select newest.day - utc_day(created_at) as age, count(*) filter (where status = 'completed') as completed,
            count(*) filter (where status = 'failed') as failed
          from monitor_runs
          where monitor_id = wanted.id and utc_day(created_at) > newest.day - 92
          group by utc_day(created_at)
        ) days using (age)
      ) sums
      where newest.day is not null
    ) recent on true
  ) fresh
  where summary.monitor_id = fresh.monitor_id
    and (summary.last_run_id, summary.last_run_at, summary.last_run_status, summary.last_success_at,
      summary.failure_streak, summary.newest_day, summary.completed_within, summary.failed_within)
    is distinct from (fresh.last_run_id, fresh.last_run_at, fresh.last_run_status, fresh.last_success_at,
      fresh.failure_streak, fresh.newest_day, fresh.completed_within, fresh.failed_within);
end
$$;

comment on function refresh_monitor_run_summaries(text[]) is 'Computes monitor_run_summaries anew for these monitors.';

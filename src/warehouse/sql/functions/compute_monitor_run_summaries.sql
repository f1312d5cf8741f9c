-- Runs dated later than tomorrow do not count until their day has come: one of them would otherwise be the last run, end
-- the streak or move the windows away from all that is recent. Tomorrow counts, because clocks differ.
create or replace function compute_monitor_run_summaries(monitor_ids text[])
returns table (
  monitor_id text,
  last_run_id text,
  last_run_at timestamptz,
  last_run_status text,
  last_success_at timestamptz,
  failure_streak integer,
  newest_day date,
  completed_within integer[],
  failed_within integer[],
  due_on date
)
language sql stable parallel safe
begin atomic
  select wanted.id, newest.id, newest.created_at, newest.status, success.created_at, streak.failures, newest.day,
    recent.completed_within, recent.failed_within, later.day - 1
  from unnest(monitor_ids) as wanted (id)
  cross join (select utc_day(now()) + 1 as day) horizon
  left join lateral (
    select runs.id, runs.created_at, runs.status, utc_day(runs.created_at) as day
    from monitor_runs runs
    where runs.monitor_id = wanted.id and utc_day(runs.created_at) <= horizon.day
    order by utc_day(runs.created_at) desc, runs.created_at desc, runs.id desc limit 1
  ) newest on true
  left join lateral (
    select runs.created_at, utc_day(runs.created_at) as day
    from monitor_runs runs
    where runs.monitor_id = wanted.id and runs.status = 'completed' and utc_day(runs.created_at) <= horizon.day
    order by utc_day(runs.created_at) desc, runs.created_at desc limit 1
  ) success on true
  left join lateral (
    select count(*)::integer as failures
    from monitor_runs runs
    where runs.monitor_id = wanted.id and runs.status = 'failed'
      and utc_day(runs.created_at) between coalesce(success.day, '-infinity') and horizon.day
      and runs.created_at > coalesce(success.created_at, '-infinity')
  ) streak on true
  -- Sums from the newest day backwards: how many runs lie within the last n days is then one element. Two days more
  -- than the longest window (90): the newest run may be dated a little after the reader's today.
  left join lateral (
    select array_agg(sums.completed order by sums.age) as completed_within,
      array_agg(sums.failed order by sums.age) as failed_within
    from (
      select ages.age, sum(coalesce(days.completed, 0)) over (order by ages.age)::integer as completed,
        sum(coalesce(days.failed, 0)) over (order by ages.age)::integer as failed
      from generate_series(0, 91) as ages (age)
      left join (
        select newest.day - utc_day(runs.created_at) as age, count(*) filter (where runs.status = 'completed') as completed,
          count(*) filter (where runs.status = 'failed') as failed
        from monitor_runs runs
        where runs.monitor_id = wanted.id and utc_day(runs.created_at) between newest.day - 91 and newest.day
        group by utc_day(runs.created_at)
      ) days on days.age = ages.age
    ) sums
    where newest.day is not null
  ) recent on true
  left join lateral (
    select utc_day(runs.created_at) as day
    from monitor_runs runs
    where runs.monitor_id = wanted.id and utc_day(runs.created_at) > horizon.day
    order by utc_day(runs.created_at) limit 1
  ) later on true;
end;

comment on function compute_monitor_run_summaries(text[]) is 'What monitor_run_summaries has to say of these monitors, computed from their runs.';

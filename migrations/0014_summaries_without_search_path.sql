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
--> statement-breakpoint
-- The old pages of a first sync change no summary, so that they cost one lock instead of a count.
create or replace function monitors_to_summarize(monitor_ids text[], newest timestamptz[]) returns text[]
language sql
set enable_seqscan to off
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
--> statement-breakpoint
-- Finds nothing by the search_path but what Postgres brings: whoever may create functions or operators somewhere on the path
-- of a writer would have them run with the writer's rights. What it calls is found beside the table, wherever that is by
-- now, and is bound to what it names.
create or replace function summarize_changed_runs() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  written text[];
  newest timestamptz[];
  touched text[];
begin
  if tg_op = 'TRUNCATE' then
    execute format('delete from %I.monitor_run_summaries', tg_table_schema);
    return null;
  elsif tg_op = 'UPDATE' then
    select array_agg(distinct monitor_id) into touched
    from (select monitor_id from changed union all select monitor_id from changed_from) changes;
  else
    select array_agg(runs.monitor_id), array_agg(runs.created_at) into written, newest
    from (select monitor_id, max(created_at) as created_at from changed group by monitor_id) runs;
    if written is not null then
      execute format('select %I.monitors_to_summarize($1, $2)', tg_table_schema) into touched using written, newest;
    end if;
  end if;
  if touched is not null then
    execute format('select %I.refresh_monitor_run_summaries($1)', tg_table_schema) using touched;
  end if;
  return null;
end
$$;

comment on function summarize_changed_runs() is 'Trigger of monitor_runs that keeps monitor_run_summaries exact.';
--> statement-breakpoint
-- These say what they say because of a run dated in the future.
select refresh_monitor_run_summaries(array(select monitor_id from monitor_run_summaries where newest_day > utc_day(now()) + 1));

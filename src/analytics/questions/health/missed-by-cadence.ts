import type { Question } from '../question.ts';

export const missedByCadence: Question = {
  name: 'missed-by-cadence',
  title: 'Which monitors missed a run, measured by their cadence?',
  about:
    "Of daily and weekly cadences (`30 6 * * *`, `0 9 * * 1,4`) each time that was due in the last seven days, in the cadence's time zone; a run within twelve hours counts. Only as far as the runs are known: what was not read was not missed.",
  parameters: {},
  sql: `
    with cadences as (
      select id, created_at, cadence_timezone, regexp_split_to_array(btrim(cadence_cron), '\\s+') as fields
      from monitors
      where status = 'enabled' and absent_since is null
        and btrim(cadence_cron) ~ '^\\d+\\s+\\d+\\s+\\*\\s+\\*\\s+(\\*|\\d(,\\d)*)$'
    ),
    due as (
      select id as monitor_id, created_at as since,
        (day + make_time(fields[2]::integer, fields[1]::integer, 0)) at time zone cadence_timezone as due_at
      from cadences
      cross join lateral (select utc_day(now()) - age as day from generate_series(-1, 8) as age) calendar
      where fields[5] = '*' or extract(dow from day)::text = any (string_to_array(replace(fields[5], '7', '0'), ','))
    )
    select due.monitor_id, count(*) as missed, min(due.due_at) as first_missed, max(due.due_at) as last_missed
    from due
    join sync_freshness freshness on freshness.monitor_id = due.monitor_id
    where due.due_at > now() - interval '7 days' and due.due_at > due.since
      and due.due_at < freshness.covered_through - interval '1 hour'
      and not exists (
        select from monitor_runs runs
        where runs.monitor_id = due.monitor_id
          and runs.created_at between due.due_at - interval '10 minutes' and due.due_at + interval '12 hours'
      )
    group by due.monitor_id
    order by missed desc, due.monitor_id`,
};

create or replace function failure_reasons_since(since timestamptz)
returns table (
  reason text,
  failures integer,
  monitors integer,
  first_seen_at timestamptz,
  last_seen_at timestamptz,
  example text,
  example_run_id text,
  account text,
  api text
)
language sql stable parallel safe
begin atomic
  select
    reasons.reason,
    reasons.failures,
    reasons.monitors,
    reasons.first_seen_at,
    reasons.last_seen_at,
    (select runs.failed_reason from monitor_runs runs where runs.id = reasons.example_run_id),
    reasons.example_run_id,
    sources.account,
    sources.api
  from (
    select
      runs.source_id,
      failure_reason_pattern(runs.failed_reason) as reason,
      count(*)::integer as failures,
      count(distinct runs.monitor_id)::integer as monitors,
      min(runs.created_at) as first_seen_at,
      max(runs.created_at) as last_seen_at,
      (array_agg(runs.id order by runs.created_at desc, runs.id desc))[1] as example_run_id
    from monitor_runs runs
    where runs.status = 'failed' and runs.created_at >= since
    group by runs.source_id, failure_reason_pattern(runs.failed_reason)
  ) reasons
  left join sync_sources sources on sources.id = reasons.source_id;
end;

comment on function failure_reasons_since(timestamptz) is 'The rows of failure_reasons for runs created at this instant or later.';

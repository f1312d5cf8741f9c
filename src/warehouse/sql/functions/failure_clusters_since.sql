create or replace function failure_clusters_since(since timestamptz)
returns table (
  day date,
  account text,
  api text,
  reason text,
  monitors integer,
  failed_runs integer,
  first_failed_at timestamptz,
  last_failed_at timestamptz
)
language sql stable parallel safe
begin atomic
  select
    clusters.day,
    sources.account,
    sources.api,
    clusters.reason,
    clusters.monitors,
    clusters.failed_runs,
    clusters.first_failed_at,
    clusters.last_failed_at
  from (
    select
      utc_day(runs.created_at) as day,
      runs.source_id,
      failure_reason_pattern(runs.failed_reason) as reason,
      count(distinct runs.monitor_id)::integer as monitors,
      count(*)::integer as failed_runs,
      min(runs.created_at) as first_failed_at,
      max(runs.created_at) as last_failed_at
    from monitor_runs runs
    where runs.status = 'failed' and runs.created_at >= since
    group by utc_day(runs.created_at), runs.source_id, failure_reason_pattern(runs.failed_reason)
    having count(distinct runs.monitor_id) >= 3
  ) clusters
  join sync_sources sources on sources.id = clusters.source_id;
end;

comment on function failure_clusters_since(timestamptz) is 'The rows of failure_clusters for runs created at this instant or later.';

create or replace view failure_clusters as
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
    utc_day(created_at) as day,
    source_id,
    failure_reason_pattern(failed_reason) as reason,
    count(distinct monitor_id)::integer as monitors,
    count(*)::integer as failed_runs,
    min(created_at) as first_failed_at,
    max(created_at) as last_failed_at
  from monitor_runs
  where status = 'failed'
  group by utc_day(created_at), source_id, failure_reason_pattern(failed_reason)
  having count(distinct monitor_id) >= 3
) clusters
join sync_sources sources on sources.id = clusters.source_id;

comment on view failure_clusters is 'Three or more monitors of one source that failed on one UTC day for one kind of reason: mostly one cause. Reads all failed runs.';
comment on column failure_clusters.day is 'The UTC day on which the runs were created.';
comment on column failure_clusters.account is 'The account.';
comment on column failure_clusters.api is 'The API.';
comment on column failure_clusters.reason is 'What the reasons have in common (failure_reason_pattern).';
comment on column failure_clusters.monitors is 'Distinct monitors.';
comment on column failure_clusters.failed_runs is 'Failed runs.';
comment on column failure_clusters.first_failed_at is 'When the first of them was created.';
comment on column failure_clusters.last_failed_at is 'When the last of them was created.';

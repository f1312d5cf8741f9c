create or replace view failure_clusters as
select day, account, api, reason, monitors, failed_runs, first_failed_at, last_failed_at
from failure_clusters_since('-infinity');

comment on view failure_clusters is 'Three or more monitors of one account and API that failed on one UTC day for one kind of reason: mostly one cause. Reads all failed runs: for a span of time use failure_clusters_since(instant), which has the same columns.';
comment on column failure_clusters.day is 'The UTC day on which the runs were created.';
comment on column failure_clusters.account is 'The account.';
comment on column failure_clusters.api is 'The API.';
comment on column failure_clusters.reason is 'What the reasons have in common (failure_reason_pattern).';
comment on column failure_clusters.monitors is 'Distinct monitors.';
comment on column failure_clusters.failed_runs is 'Failed runs.';
comment on column failure_clusters.first_failed_at is 'When the first of them was created.';
comment on column failure_clusters.last_failed_at is 'When the last of them was created.';

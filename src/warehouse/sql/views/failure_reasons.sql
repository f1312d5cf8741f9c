create or replace view failure_reasons as
select reason, failures, monitors, first_seen_at, last_seen_at, example, example_run_id, account, api
from failure_reasons_since('-infinity');

comment on view failure_reasons is 'Failed runs of all time, grouped by account, API and failure_reason_pattern(failed_reason). Reads all failed runs: for a span of time use failure_reasons_since(instant), which has the same columns.';
comment on column failure_reasons.reason is 'What the reasons have in common.';
comment on column failure_reasons.failures is 'Runs that failed so.';
comment on column failure_reasons.monitors is 'Distinct monitors among them.';
comment on column failure_reasons.first_seen_at is 'When the first of these runs was created.';
comment on column failure_reasons.last_seen_at is 'When the last of them was created.';
comment on column failure_reasons.example is 'The reason of the last of them, unchanged.';
comment on column failure_reasons.example_run_id is 'The last of them.';
comment on column failure_reasons.account is 'The account of their monitors.';
comment on column failure_reasons.api is 'The API that they are read from.';

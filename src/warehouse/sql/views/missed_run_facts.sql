create or replace view missed_run_facts as
select
  missed.monitor_id,
  monitor_name(monitors.id, monitors.name, monitors.metadata, monitors.behavior) as monitor_name,
  sources.account,
  sources.api,
  monitor_type(monitors.behavior) as type,
  utc_day(missed.due_at) as day,
  missed.due_at,
  missed.noticed_at,
  missed.late_run_id is not null as is_late,
  missed.late_run_id,
  missed.late_by_seconds
from missed_runs missed
join monitors on monitors.id = missed.monitor_id
left join sync_sources sources on sources.id = monitors.source_id;

comment on view missed_run_facts is 'A time at which a run was due by the schedule of its monitor and none came in time. Only what the sync could know is judged: spans that it has read, under a schedule that it had seen.';
comment on column missed_run_facts.monitor_id is 'The monitor.';
comment on column missed_run_facts.monitor_name is 'What people call it (monitor_name).';
comment on column missed_run_facts.account is 'The account that it belongs to.';
comment on column missed_run_facts.api is 'The API that it is read from: websets or search.';
comment on column missed_run_facts.type is 'What it does (monitor_type).';
comment on column missed_run_facts.day is 'The UTC day on which the run was due.';
comment on column missed_run_facts.due_at is 'When it was due.';
comment on column missed_run_facts.noticed_at is 'The start of the cycle that noticed it.';
comment on column missed_run_facts.is_late is 'Whether a run came after all, before the next one was due. False: missed.';
comment on column missed_run_facts.late_run_id is 'That run.';
comment on column missed_run_facts.late_by_seconds is 'How long after due_at it was created.';

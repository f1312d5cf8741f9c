create or replace trigger monitor_runs_inserted after insert on monitor_runs
referencing new table as changed for each statement execute function summarize_changed_runs();

create or replace trigger monitor_runs_updated after update on monitor_runs
referencing old table as changed_from new table as changed for each statement execute function summarize_changed_runs();

create or replace trigger monitor_runs_deleted after delete on monitor_runs
referencing old table as changed for each statement execute function summarize_changed_runs();

create or replace trigger monitor_runs_truncated after truncate on monitor_runs
for each statement execute function summarize_changed_runs();

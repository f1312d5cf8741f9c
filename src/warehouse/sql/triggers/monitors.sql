create or replace trigger monitors_updated after update on monitors
referencing old table as changed_from new table as changed for each statement execute function note_monitor_changes();

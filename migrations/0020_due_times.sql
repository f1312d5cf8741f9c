-- Until now nothing has filled these tables: whatever is in them is not of the sync.
delete from missed_runs;
--> statement-breakpoint
delete from monitor_schedules;
--> statement-breakpoint
ALTER TABLE "monitor_schedules" ALTER COLUMN "schedule_key" SET NOT NULL;
--> statement-breakpoint
ALTER TABLE "monitor_schedules" ADD COLUMN "known_since" timestamp with time zone NOT NULL;
--> statement-breakpoint
ALTER TABLE "missed_runs" ADD COLUMN "in_time_until" timestamp with time zone NOT NULL;
--> statement-breakpoint
comment on column monitor_schedules.schedule_key is 'What it was judged by: whether it was active, and the columns that say when it fires.';
--> statement-breakpoint
comment on column monitor_schedules.known_since is 'Since when it has stood so. What was due before is not judged.';
--> statement-breakpoint
comment on column monitor_schedules.next_due_at is 'The first due time that has not been judged yet; null: nothing is due.';
--> statement-breakpoint
comment on column missed_runs.in_time_until is 'A run created up to here was in time: the due time, how late its schedule ordinarily is, and the grace (SYNC_DUE_GRACE_MINUTES).';

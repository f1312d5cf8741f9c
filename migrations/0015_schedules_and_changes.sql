CREATE TABLE "missed_runs" (
	"monitor_id" text NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"next_due_at" timestamp with time zone NOT NULL,
	"noticed_at" timestamp with time zone NOT NULL,
	"late_run_id" text,
	"late_by_seconds" double precision,
	CONSTRAINT "missed_runs_monitor_id_due_at_pk" PRIMARY KEY("monitor_id","due_at")
);
--> statement-breakpoint
CREATE TABLE "monitor_changes" (
	"monitor_id" text NOT NULL,
	"field" text NOT NULL,
	"value_before" jsonb,
	"value_after" jsonb,
	"changed_at" timestamp with time zone NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "monitor_schedules" (
	"monitor_id" text PRIMARY KEY NOT NULL,
	"schedule_key" text,
	"longest_gap_seconds" double precision,
	"next_due_at" timestamp with time zone
);
--> statement-breakpoint
CREATE INDEX "monitor_changes_monitor_idx" ON "monitor_changes" USING btree ("monitor_id","seen_at");
--> statement-breakpoint
comment on table monitor_changes is 'What of a monitor changed, as the sync saw it. next_run_at, which moves with every run, is left out.';
--> statement-breakpoint
comment on column monitor_changes.monitor_id is 'The monitor.';
--> statement-breakpoint
comment on column monitor_changes.field is 'The column of monitors that changed.';
--> statement-breakpoint
comment on column monitor_changes.value_before is 'What it was.';
--> statement-breakpoint
comment on column monitor_changes.value_after is 'What it became.';
--> statement-breakpoint
comment on column monitor_changes.changed_at is 'The monitor''s updated_at in the listing that showed it: when it changed at Exa, or later.';
--> statement-breakpoint
comment on column monitor_changes.seen_at is 'When the sync saw it.';
--> statement-breakpoint
comment on table monitor_schedules is 'The schedule of each monitor as it was last judged, and up to where its due times have been. Kept by the sync.';
--> statement-breakpoint
comment on column monitor_schedules.monitor_id is 'The monitor.';
--> statement-breakpoint
comment on column monitor_schedules.schedule_key is 'What tells one schedule from another; null: nothing is ever due.';
--> statement-breakpoint
comment on column monitor_schedules.longest_gap_seconds is 'The longest time between two due times.';
--> statement-breakpoint
comment on column monitor_schedules.next_due_at is 'The first due time that has not been judged yet.';
--> statement-breakpoint
comment on table missed_runs is 'Times at which a run was due and none came in time. Only spans that are covered, and in which the schedule was known, are judged.';
--> statement-breakpoint
comment on column missed_runs.monitor_id is 'The monitor.';
--> statement-breakpoint
comment on column missed_runs.due_at is 'When the run was due.';
--> statement-breakpoint
comment on column missed_runs.next_due_at is 'When the next one was: what comes before that may be the missing one.';
--> statement-breakpoint
comment on column missed_runs.noticed_at is 'When the sync noticed.';
--> statement-breakpoint
comment on column missed_runs.late_run_id is 'The run that came late; null: none.';
--> statement-breakpoint
comment on column missed_runs.late_by_seconds is 'How late it was created.';

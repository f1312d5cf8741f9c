CREATE TABLE "monitor_run_summaries" (
	"monitor_id" text PRIMARY KEY NOT NULL,
	"last_run_id" text,
	"last_run_at" timestamp with time zone,
	"last_run_status" text,
	"last_success_at" timestamp with time zone,
	"failure_streak" integer DEFAULT 0 NOT NULL,
	"newest_day" date,
	"completed_within" integer[],
	"failed_within" integer[]
);
--> statement-breakpoint
DROP INDEX "monitor_runs_monitor_id_created_at_idx";--> statement-breakpoint
CREATE INDEX "monitor_runs_monitor_day_idx" ON "monitor_runs" USING btree ("monitor_id",((created_at at time zone 'UTC')::date),"created_at","status","duration_seconds");--> statement-breakpoint
CREATE INDEX "monitor_runs_failed_idx" ON "monitor_runs" USING btree ("created_at") WHERE status = 'failed';
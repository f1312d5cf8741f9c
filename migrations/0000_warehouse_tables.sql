CREATE TABLE "monitor_run_status_changes" (
	"run_id" text NOT NULL,
	"monitor_id" text NOT NULL,
	"from_status" text,
	"to_status" text NOT NULL,
	"changed_at" timestamp with time zone NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"answer" bigint NOT NULL,
	CONSTRAINT "monitor_run_status_changes_run_id_answer_pk" PRIMARY KEY("run_id","answer")
);
--> statement-breakpoint
CREATE TABLE "monitor_runs" (
	"id" text PRIMARY KEY NOT NULL,
	"monitor_id" text NOT NULL,
	"status" text NOT NULL,
	"type" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"completed_at" timestamp with time zone,
	"failed_at" timestamp with time zone,
	"failed_reason" text,
	"canceled_at" timestamp with time zone,
	"extra" jsonb,
	"finished_at" timestamp with time zone GENERATED ALWAYS AS (coalesce(completed_at, failed_at, canceled_at)) STORED,
	"duration_seconds" double precision GENERATED ALWAYS AS (extract(epoch from coalesce(completed_at, failed_at, canceled_at) - created_at)::double precision) STORED,
	"absent_since" timestamp with time zone,
	"first_synced_at" timestamp with time zone DEFAULT now() NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"answer" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "monitors" (
	"id" text PRIMARY KEY NOT NULL,
	"webset_id" text NOT NULL,
	"status" text NOT NULL,
	"cadence_cron" text NOT NULL,
	"cadence_timezone" text NOT NULL,
	"behavior" jsonb NOT NULL,
	"metadata" jsonb NOT NULL,
	"next_run_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"extra" jsonb,
	"absent_since" timestamp with time zone,
	"first_synced_at" timestamp with time zone DEFAULT now() NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rejected_runs" (
	"monitor_id" text NOT NULL,
	"run_key" text NOT NULL,
	"reason" text NOT NULL,
	"payload" jsonb NOT NULL,
	"first_rejected_at" timestamp with time zone DEFAULT now() NOT NULL,
	"rejected_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "rejected_runs_monitor_id_run_key_pk" PRIMARY KEY("monitor_id","run_key")
);
--> statement-breakpoint
CREATE TABLE "sync_checkpoints" (
	"monitor_id" text PRIMARY KEY NOT NULL,
	"synced_through" timestamp with time zone,
	"last_full_walk_at" timestamp with time zone,
	"newest_run_id" text,
	"newest_run_status" text,
	"newest_run_created_at" timestamp with time zone,
	"newest_run_updated_at" timestamp with time zone,
	"next_run_at" timestamp with time zone,
	"walk_kind" text,
	"walk_cursor" text,
	"walk_mark" timestamp with time zone,
	"walk_stop_at" timestamp with time zone,
	"walk_descending" boolean,
	"walk_oldest_created_at" timestamp with time zone,
	"walk_newest_run_id" text,
	"walk_newest_run_status" text,
	"walk_newest_run_created_at" timestamp with time zone,
	"walk_newest_run_updated_at" timestamp with time zone,
	"walk_pages" integer,
	"walk_started_at" timestamp with time zone,
	"last_walk_kind" text,
	"last_walk_at" timestamp with time zone,
	"stop_reason" text,
	"last_error" text,
	"last_error_at" timestamp with time zone,
	"consecutive_failures" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sync_cycles" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	"status" text NOT NULL,
	"trigger" text NOT NULL,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"monitors_seen" integer DEFAULT 0 NOT NULL,
	"monitors_skipped" integer DEFAULT 0 NOT NULL,
	"monitors_walked" integer DEFAULT 0 NOT NULL,
	"monitors_failed" integer DEFAULT 0 NOT NULL,
	"runs_inserted" integer DEFAULT 0 NOT NULL,
	"runs_updated" integer DEFAULT 0 NOT NULL,
	"runs_unchanged" integer DEFAULT 0 NOT NULL,
	"runs_rejected" integer DEFAULT 0 NOT NULL,
	"requests" integer DEFAULT 0 NOT NULL,
	"retries" integer DEFAULT 0 NOT NULL,
	"waits" integer DEFAULT 0 NOT NULL,
	"waited_seconds" double precision DEFAULT 0 NOT NULL,
	"error" text
);
--> statement-breakpoint
CREATE INDEX "monitor_runs_monitor_id_created_at_idx" ON "monitor_runs" USING btree ("monitor_id","created_at");--> statement-breakpoint
CREATE INDEX "monitor_runs_created_at_idx" ON "monitor_runs" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "monitor_runs_open_idx" ON "monitor_runs" USING btree ("monitor_id","created_at") WHERE status not in ('completed', 'failed', 'canceled') and absent_since is null;--> statement-breakpoint
CREATE INDEX "sync_cycles_started_at_idx" ON "sync_cycles" USING btree ("started_at");
ALTER TABLE "sync_checkpoints" ADD COLUMN "list_rose" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_checkpoints" ADD COLUMN "look_again" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_checkpoints" ADD COLUMN "not_found_once" jsonb;--> statement-breakpoint
CREATE INDEX "monitor_runs_absent_open_idx" ON "monitor_runs" USING btree ("monitor_id") WHERE status not in ('completed', 'failed', 'canceled') and absent_since is not null;
ALTER TABLE "monitor_run_summaries" ADD COLUMN "due_on" date;--> statement-breakpoint
comment on column monitor_run_summaries.due_on is 'When a run dated in the future begins to count, so that the row has to be computed anew; null: there is none.';

comment on column sync_checkpoints.synced_through is 'Every run created up to this instant is stored: the creation time of the newest run when the last finished walk began, or that beginning when the newest run is dated later: a date in the future covers nothing.';
--> statement-breakpoint
comment on column sync_freshness.synced_through is 'Creation time of the newest run when the last finished walk began, or that beginning when the run is dated in the future. It rests while no new run comes. For all: the earliest; null while any is null.';
--> statement-breakpoint
comment on column monitor_health.synced_through is 'Creation time of the newest run when the last finished walk began, or that beginning when the run is dated in the future.';

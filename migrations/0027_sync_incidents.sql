CREATE TABLE "sync_incidents" (
	"kind" text PRIMARY KEY NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"cycles" integer NOT NULL,
	"told" boolean NOT NULL
);
--> statement-breakpoint
comment on table sync_incidents is 'What is wrong with the sync as a whole and not over yet. Kept by the sync where an alert webhook is set, so that each is told once.';
--> statement-breakpoint
comment on column sync_incidents.kind is 'failed: cycles fail. partial: none of the last cycles read and stored everything. stale: all monitors were last read too long ago. account: a key is of another team than what is stored of its account.';
--> statement-breakpoint
comment on column sync_incidents.since is 'When the first cycle ended that showed it.';
--> statement-breakpoint
comment on column sync_incidents.cycles is 'Cycles that have shown it.';
--> statement-breakpoint
comment on column sync_incidents.told is 'Whether an alert has gone out.';

CREATE TABLE "sync_listing" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"version" text NOT NULL,
	"monitors" integer NOT NULL,
	"pages" jsonb NOT NULL,
	"quiet_from" timestamp with time zone NOT NULL,
	"quiet_until" timestamp with time zone NOT NULL,
	"full_walk_days" integer NOT NULL,
	"evidence" text NOT NULL,
	"written_by" bigint NOT NULL,
	CONSTRAINT "sync_listing_one_row" CHECK ("sync_listing"."id" = 1)
);
--> statement-breakpoint
comment on table sync_listing is 'The listing of monitors after which the last cycle left nothing to do. One row or none, for the sync alone: while the API lists the same, byte for byte, and nothing here was written since, a cycle is over with the listing. It may be deleted at any time.';
--> statement-breakpoint
comment on column sync_listing.id is 'Always 1.';
--> statement-breakpoint
comment on column sync_listing.version is 'The version of the program that wrote it; another one reads the listing again.';
--> statement-breakpoint
comment on column sync_listing.monitors is 'Monitors listed.';
--> statement-breakpoint
comment on column sync_listing.pages is 'For each page a digest of the answer, and the cursor of the next page.';
--> statement-breakpoint
comment on column sync_listing.quiet_from is 'When it was written.';
--> statement-breakpoint
comment on column sync_listing.quiet_until is 'When the first monitor may have to be walked even so: a scheduled run is overdue, or a full walk.';
--> statement-breakpoint
comment on column sync_listing.full_walk_days is 'The setting SYNC_FULL_WALK_DAYS that this was found with.';
--> statement-breakpoint
comment on column sync_listing.evidence is 'How many rows monitors, sync_checkpoints and rejected_runs have, and the sums of the numbers of the transactions that wrote them.';
--> statement-breakpoint
comment on column sync_listing.written_by is 'The number of the transaction that wrote this row: a restored copy of it does not count.';

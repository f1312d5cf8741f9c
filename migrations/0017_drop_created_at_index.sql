-- outside of a transaction
-- None of our questions looks at all runs in the order of their creation; a span of days is in monitor_runs_monitor_day_idx.
drop index concurrently if exists :"schema".monitor_runs_created_at_idx;

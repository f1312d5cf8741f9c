comment on table monitors is 'Exa Websets monitors: scheduled searches or refreshes of a webset. One row a monitor, as last listed; rows are never removed.';
--> statement-breakpoint
comment on column monitors.id is 'Exa''s id of the monitor.';
--> statement-breakpoint
comment on column monitors.webset_id is 'The webset that the monitor feeds.';
--> statement-breakpoint
comment on column monitors.status is 'enabled or disabled; a value that Exa adds later is kept as it is.';
--> statement-breakpoint
comment on column monitors.cadence_cron is 'When the monitor runs: a cron expression of five fields.';
--> statement-breakpoint
comment on column monitors.cadence_timezone is 'The time zone of cadence_cron.';
--> statement-breakpoint
comment on column monitors.behavior is 'What a run does, as Exa describes it.';
--> statement-breakpoint
comment on column monitors.metadata is 'The customer''s own keys and values.';
--> statement-breakpoint
comment on column monitors.next_run_at is 'When the next scheduled run is due, as last listed.';
--> statement-breakpoint
comment on column monitors.created_at is 'When the monitor was created at Exa.';
--> statement-breakpoint
comment on column monitors.updated_at is 'Exa''s time of the monitor''s last change.';
--> statement-breakpoint
comment on column monitors.extra is 'Fields of the answer that have no column; null when there are none.';
--> statement-breakpoint
comment on column monitors.absent_since is 'When the sync found that Exa no longer has the monitor; null while it does. Its history stays and counts.';
--> statement-breakpoint
comment on column monitors.first_synced_at is 'When this warehouse first stored the monitor.';
--> statement-breakpoint
comment on column monitors.changed_at is 'When this row last changed; loads that only want what is new start from here.';
--> statement-breakpoint
comment on table monitor_runs is 'Every run of every monitor, in its newest known state. One row a run; rows are never removed. monitor_run_facts adds the monitor and is easier to ask.';
--> statement-breakpoint
comment on column monitor_runs.id is 'Exa''s id of the run.';
--> statement-breakpoint
comment on column monitor_runs.monitor_id is 'The monitor that ran.';
--> statement-breakpoint
comment on column monitor_runs.status is 'created, running, completed, failed or canceled; a value that Exa adds later is kept as it is and counts as open.';
--> statement-breakpoint
comment on column monitor_runs.type is 'search or refresh.';
--> statement-breakpoint
comment on column monitor_runs.created_at is 'When the run was created; days, windows and order of runs go by it.';
--> statement-breakpoint
comment on column monitor_runs.updated_at is 'Exa''s time of the run''s last change; may be corrected backwards.';
--> statement-breakpoint
comment on column monitor_runs.completed_at is 'When the run completed.';
--> statement-breakpoint
comment on column monitor_runs.failed_at is 'When the run failed.';
--> statement-breakpoint
comment on column monitor_runs.failed_reason is 'Why the run failed, in the words of the API.';
--> statement-breakpoint
comment on column monitor_runs.canceled_at is 'When the run was canceled.';
--> statement-breakpoint
comment on column monitor_runs.extra is 'Fields of the answer that have no column; null when there are none.';
--> statement-breakpoint
comment on column monitor_runs.finished_at is 'Whichever of completed_at, failed_at and canceled_at is set.';
--> statement-breakpoint
comment on column monitor_runs.duration_seconds is 'From created_at to finished_at; includes the time in the queue.';
--> statement-breakpoint
comment on column monitor_runs.absent_since is 'When the sync found that Exa no longer has the run; null while it does. The run still counts.';
--> statement-breakpoint
comment on column monitor_runs.first_synced_at is 'When this warehouse first stored the run.';
--> statement-breakpoint
comment on column monitor_runs.changed_at is 'When this row last changed; loads that only want what is new start from here.';
--> statement-breakpoint
comment on column monitor_runs.answer is 'Orders the answers of the API that rows came from; of use to the sync only.';
--> statement-breakpoint
comment on table monitor_run_status_changes is 'Changes of status that the sync saw. A run that started and ended between two cycles leaves one change or none.';
--> statement-breakpoint
comment on column monitor_run_status_changes.run_id is 'The run.';
--> statement-breakpoint
comment on column monitor_run_status_changes.monitor_id is 'Its monitor.';
--> statement-breakpoint
comment on column monitor_run_status_changes.from_status is 'The status before; null when the sync first saw the run, still open, in to_status.';
--> statement-breakpoint
comment on column monitor_run_status_changes.to_status is 'The status after.';
--> statement-breakpoint
comment on column monitor_run_status_changes.changed_at is 'The run''s updated_at in the answer that showed the change: the change itself or something after it.';
--> statement-breakpoint
comment on column monitor_run_status_changes.seen_at is 'When the sync saw the change.';
--> statement-breakpoint
comment on column monitor_run_status_changes.answer is 'Orders the answers of the API; of use to the sync only.';
--> statement-breakpoint
comment on table monitor_run_summaries is 'What monitor_health says of the runs of a monitor, one row a monitor. Triggers on monitor_runs keep it exact; ask monitor_health instead.';
--> statement-breakpoint
comment on column monitor_run_summaries.monitor_id is 'The monitor.';
--> statement-breakpoint
comment on column monitor_run_summaries.last_run_id is 'The run created last; of several at the same instant the one with the greatest id.';
--> statement-breakpoint
comment on column monitor_run_summaries.last_run_at is 'When it was created.';
--> statement-breakpoint
comment on column monitor_run_summaries.last_run_status is 'Its status.';
--> statement-breakpoint
comment on column monitor_run_summaries.last_success_at is 'When the last completed run was created.';
--> statement-breakpoint
comment on column monitor_run_summaries.failure_streak is 'Failed runs created after the last completed one.';
--> statement-breakpoint
comment on column monitor_run_summaries.newest_day is 'The UTC day of the last run.';
--> statement-breakpoint
comment on column monitor_run_summaries.completed_within is 'Element n: completed runs created on newest_day or the n - 1 days before it; 92 elements.';
--> statement-breakpoint
comment on column monitor_run_summaries.failed_within is 'The same for failed runs.';
--> statement-breakpoint
comment on table sync_checkpoints is 'What the sync has covered of each monitor, and where an unfinished walk goes on. sync_freshness is easier to ask.';
--> statement-breakpoint
comment on column sync_checkpoints.monitor_id is 'The monitor.';
--> statement-breakpoint
comment on column sync_checkpoints.synced_through is 'Every run created up to this instant is stored: the creation time of the newest run when the last finished walk began.';
--> statement-breakpoint
comment on column sync_checkpoints.last_full_walk_at is 'When the last finished walk over the whole list of runs began.';
--> statement-breakpoint
comment on column sync_checkpoints.last_walk_kind is 'full, incremental or since: what the last finished walk was.';
--> statement-breakpoint
comment on column sync_checkpoints.last_walk_at is 'When the last finished walk ended.';
--> statement-breakpoint
comment on column sync_checkpoints.stop_reason is 'Why it ended: end_of_list, covered_ground or since_date.';
--> statement-breakpoint
comment on column sync_checkpoints.last_error is 'Why the monitor could not be read; null after a walk that finished.';
--> statement-breakpoint
comment on column sync_checkpoints.last_error_at is 'When that was.';
--> statement-breakpoint
comment on column sync_checkpoints.consecutive_failures is 'Cycles in a row in which the monitor could not be read.';
--> statement-breakpoint
comment on table sync_cycles is 'Executions of the sync, one row each.';
--> statement-breakpoint
comment on column sync_cycles.id is 'Ascending number of the cycle.';
--> statement-breakpoint
comment on column sync_cycles.started_at is 'When it began.';
--> statement-breakpoint
comment on column sync_cycles.finished_at is 'When it ended; null while it runs.';
--> statement-breakpoint
comment on column sync_cycles.status is 'running, succeeded, partial (something is missing: see error), failed or interrupted.';
--> statement-breakpoint
comment on column sync_cycles.trigger is 'manual or schedule.';
--> statement-breakpoint
comment on column sync_cycles.monitors_seen is 'Monitors that were listed.';
--> statement-breakpoint
comment on column sync_cycles.monitors_skipped is 'Of these, with evidence that nothing was new.';
--> statement-breakpoint
comment on column sync_cycles.monitors_walked is 'Of these, read.';
--> statement-breakpoint
comment on column sync_cycles.monitors_failed is 'Of these, not readable.';
--> statement-breakpoint
comment on column sync_cycles.runs_inserted is 'Runs stored for the first time.';
--> statement-breakpoint
comment on column sync_cycles.runs_updated is 'Stored runs that had changed.';
--> statement-breakpoint
comment on column sync_cycles.runs_unchanged is 'Runs read that were stored already.';
--> statement-breakpoint
comment on column sync_cycles.runs_rejected is 'Runs that could not become a row; see rejected_runs.';
--> statement-breakpoint
comment on column sync_cycles.requests is 'HTTP requests sent, retries included.';
--> statement-breakpoint
comment on column sync_cycles.retries is 'Requests sent again.';
--> statement-breakpoint
comment on column sync_cycles.waits is 'Requests that waited for the rate budget.';
--> statement-breakpoint
comment on column sync_cycles.waited_seconds is 'How long they waited, summed.';
--> statement-breakpoint
comment on column sync_cycles.error is 'What went wrong; null when nothing did.';
--> statement-breakpoint
comment on table rejected_runs is 'Runs of the API that could not become rows, until a later version of them can.';
--> statement-breakpoint
comment on column rejected_runs.monitor_id is 'The monitor in whose list the run was.';
--> statement-breakpoint
comment on column rejected_runs.run_key is 'The run''s id, or a digest of the payload when it has none.';
--> statement-breakpoint
comment on column rejected_runs.reason is 'What is wrong with it.';
--> statement-breakpoint
comment on column rejected_runs.payload is 'The run as the API sent it.';
--> statement-breakpoint
comment on column rejected_runs.first_rejected_at is 'When it was first met.';
--> statement-breakpoint
comment on column rejected_runs.rejected_at is 'When it was last met.';
--> statement-breakpoint
comment on view monitor_run_facts is 'Every run with what is known of its monitor: the view to start from. Runs that Exa no longer has are included (absent_since). For a span of time over all monitors, filter on day: an index holds it.';
--> statement-breakpoint
comment on column monitor_run_facts.run_id is 'Exa''s id of the run.';
--> statement-breakpoint
comment on column monitor_run_facts.monitor_id is 'The monitor that ran.';
--> statement-breakpoint
comment on column monitor_run_facts.webset_id is 'The webset that the monitor feeds.';
--> statement-breakpoint
comment on column monitor_run_facts.day is 'The day in UTC on which the run was created.';
--> statement-breakpoint
comment on column monitor_run_facts.status is 'created, running, completed, failed or canceled; other values count as open.';
--> statement-breakpoint
comment on column monitor_run_facts.type is 'search or refresh.';
--> statement-breakpoint
comment on column monitor_run_facts.is_final is 'Whether the run can no longer change: completed, failed or canceled.';
--> statement-breakpoint
comment on column monitor_run_facts.is_failed is 'Whether the run failed.';
--> statement-breakpoint
comment on column monitor_run_facts.failed_reason is 'Why, in the words of the API.';
--> statement-breakpoint
comment on column monitor_run_facts.created_at is 'When the run was created.';
--> statement-breakpoint
comment on column monitor_run_facts.updated_at is 'Exa''s time of the run''s last change.';
--> statement-breakpoint
comment on column monitor_run_facts.finished_at is 'When it completed, failed or was canceled; null while it is open.';
--> statement-breakpoint
comment on column monitor_run_facts.duration_seconds is 'From created_at to finished_at.';
--> statement-breakpoint
comment on column monitor_run_facts.queue_seconds is 'From created_at to the first change into running that the sync saw. Known only for runs that it met while they ran; an upper bound, since it looks now and then.';
--> statement-breakpoint
comment on column monitor_run_facts.absent_since is 'When the sync found that Exa no longer has the run.';
--> statement-breakpoint
comment on column monitor_run_facts.first_synced_at is 'When this warehouse first stored the run.';
--> statement-breakpoint
comment on column monitor_run_facts.changed_at is 'When the run last changed in this warehouse (not its monitor).';
--> statement-breakpoint
comment on column monitor_run_facts.monitor_status is 'enabled or disabled, as last listed.';
--> statement-breakpoint
comment on column monitor_run_facts.monitor_cadence_cron is 'When the monitor runs, as last listed.';
--> statement-breakpoint
comment on column monitor_run_facts.monitor_cadence_timezone is 'The time zone of that.';
--> statement-breakpoint
comment on column monitor_run_facts.monitor_metadata is 'The customer''s own keys and values of the monitor.';
--> statement-breakpoint
comment on column monitor_run_facts.monitor_absent_since is 'When the sync found that Exa no longer has the monitor.';
--> statement-breakpoint
comment on view failure_rates_daily is 'Runs by UTC day of creation and monitor. A day on which a monitor had no run has no row. runs = completed + failed + canceled + open.';
--> statement-breakpoint
comment on column failure_rates_daily.day is 'The day in UTC on which the runs were created.';
--> statement-breakpoint
comment on column failure_rates_daily.monitor_id is 'The monitor.';
--> statement-breakpoint
comment on column failure_rates_daily.runs is 'All runs, also those that Exa no longer has.';
--> statement-breakpoint
comment on column failure_rates_daily.completed is 'Runs that completed.';
--> statement-breakpoint
comment on column failure_rates_daily.failed is 'Runs that failed.';
--> statement-breakpoint
comment on column failure_rates_daily.canceled is 'Runs that were canceled.';
--> statement-breakpoint
comment on column failure_rates_daily.open is 'Runs that are not final, those of an unknown status included.';
--> statement-breakpoint
comment on column failure_rates_daily.failure_rate is 'failed / (completed + failed); null without any. Over several rows: failure_rate(sum(failed), sum(completed)).';
--> statement-breakpoint
comment on column failure_rates_daily.p50_duration_seconds is 'Median duration of the finished runs, interpolated; null without any.';
--> statement-breakpoint
comment on column failure_rates_daily.p95_duration_seconds is '95th percentile of the same. Percentiles cannot be averaged: over several days take them from monitor_run_facts.';
--> statement-breakpoint
comment on view failure_reasons is 'Failed runs of all time, grouped by failure_reason_pattern(failed_reason). For a span of time use failure_reasons_since(instant), which has the same columns.';
--> statement-breakpoint
comment on column failure_reasons.reason is 'What the reasons have in common.';
--> statement-breakpoint
comment on column failure_reasons.failures is 'Runs that failed so.';
--> statement-breakpoint
comment on column failure_reasons.monitors is 'Distinct monitors among them.';
--> statement-breakpoint
comment on column failure_reasons.first_seen_at is 'When the first of these runs was created.';
--> statement-breakpoint
comment on column failure_reasons.last_seen_at is 'When the last of them was created.';
--> statement-breakpoint
comment on column failure_reasons.example is 'The reason of the last of them, unchanged.';
--> statement-breakpoint
comment on column failure_reasons.example_run_id is 'The last of them.';
--> statement-breakpoint
comment on function failure_reasons_since(timestamptz) is 'The rows of failure_reasons for runs created at this instant or later.';
--> statement-breakpoint
comment on function runs_within(integer, integer[], date) is 'Runs of a summary within the last so many UTC days, today included.';
--> statement-breakpoint
comment on view sync_freshness is 'How far the warehouse can be trusted: one row a monitor (scope monitor) and one over all monitors that Exa still has (scope all). Without it, no failures cannot be told from not synced.';
--> statement-breakpoint
comment on column sync_freshness.scope is 'monitor or all.';
--> statement-breakpoint
comment on column sync_freshness.monitor_id is 'The monitor; null for all.';
--> statement-breakpoint
comment on column sync_freshness.monitors is 'Monitors behind the row.';
--> statement-breakpoint
comment on column sync_freshness.covered_through is 'Up to here the runs are known: the start of the last cycle over all monitors that read this one or had evidence that nothing was new, else synced_through. For all: the earliest; null while any is null.';
--> statement-breakpoint
comment on column sync_freshness.is_stale is 'Whether covered_through is more than 24 hours ago, or unknown.';
--> statement-breakpoint
comment on column sync_freshness.synced_through is 'Creation time of the newest run when the last finished walk began. It rests while no new run comes. For all: the earliest; null while any is null.';
--> statement-breakpoint
comment on column sync_freshness.last_walk_at is 'When the last walk over runs ended.';
--> statement-breakpoint
comment on column sync_freshness.last_full_walk_at is 'When the last finished walk over the whole list began. For all: the earliest; null while any is null.';
--> statement-breakpoint
comment on column sync_freshness.unfinished_walks is 'Walks that stopped on their way and will go on.';
--> statement-breakpoint
comment on column sync_freshness.rejected_runs is 'Runs in rejected_runs: seen, but not stored as runs.';
--> statement-breakpoint
comment on column sync_freshness.consecutive_failures is 'Cycles in a row that could not read the monitor. For all: the greatest.';
--> statement-breakpoint
comment on column sync_freshness.last_error is 'Why the monitor could not be read in the last of them. For all: what went wrong in the last finished cycle.';
--> statement-breakpoint
comment on column sync_freshness.last_error_at is 'When that was.';
--> statement-breakpoint
comment on view monitor_health is 'One row a monitor: how it does now. Windows are whole UTC days, today included. Runs go by created_at, and those that Exa no longer has count.';
--> statement-breakpoint
comment on column monitor_health.monitor_id is 'The monitor.';
--> statement-breakpoint
comment on column monitor_health.webset_id is 'The webset that it feeds.';
--> statement-breakpoint
comment on column monitor_health.monitor_status is 'enabled or disabled, as last listed.';
--> statement-breakpoint
comment on column monitor_health.absent_since is 'When the sync found that Exa no longer has the monitor.';
--> statement-breakpoint
comment on column monitor_health.last_run_id is 'The run created last; of several at the same instant the one with the greatest id.';
--> statement-breakpoint
comment on column monitor_health.last_run_at is 'When it was created.';
--> statement-breakpoint
comment on column monitor_health.last_run_status is 'Its status.';
--> statement-breakpoint
comment on column monitor_health.last_success_at is 'When the last completed run was created.';
--> statement-breakpoint
comment on column monitor_health.failure_streak is 'Failed runs created after the last completed one; canceled and open runs neither count nor end the streak.';
--> statement-breakpoint
comment on column monitor_health.failure_rate_7d is 'Failure rate over the last 7 days.';
--> statement-breakpoint
comment on column monitor_health.rated_runs_7d is 'Completed and failed runs behind it.';
--> statement-breakpoint
comment on column monitor_health.failure_rate_30d is 'Failure rate over the last 30 days.';
--> statement-breakpoint
comment on column monitor_health.rated_runs_30d is 'Completed and failed runs behind it.';
--> statement-breakpoint
comment on column monitor_health.failure_rate_90d is 'Failure rate over the last 90 days.';
--> statement-breakpoint
comment on column monitor_health.rated_runs_90d is 'Completed and failed runs behind it.';
--> statement-breakpoint
comment on column monitor_health.open_runs is 'Runs that are not final and that Exa still has.';
--> statement-breakpoint
comment on column monitor_health.stuck_runs is 'Of these, created more than 24 hours ago.';
--> statement-breakpoint
comment on column monitor_health.next_run_at is 'When the next scheduled run is due, as last listed.';
--> statement-breakpoint
comment on column monitor_health.overdue is 'Whether that has passed, for a monitor that is enabled and that Exa still has. True for a moment before the next sync, too.';
--> statement-breakpoint
comment on column monitor_health.synced_through is 'Creation time of the newest run when the last finished walk began.';
--> statement-breakpoint
comment on column monitor_health.covered_through is 'Up to here the runs are known; see sync_freshness.';
--> statement-breakpoint
comment on column monitor_health.verdict is 'The first that holds: disabled (not enabled, or Exa no longer has it); stale (covered_through more than 24 hours ago or unknown, or next_run_at passed more than 24 hours ago); no_runs (none completed or failed yet); failing (failure_streak of 3 or more, or more than half of at least 2 rated runs of 7 days failed); degraded (failure_streak of 1 or more, or failure_rate_30d of 0.1 or more, or a stuck run); healthy.';

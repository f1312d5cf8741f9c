import { sql } from 'drizzle-orm';
import { instantOf } from '../connection/instant.ts';
import type { Transaction } from '../connection/transaction.ts';

/** What the owner of the monitors wants to know first. Instants are RFC 3339. */
export interface Attention {
  /** Monitors by verdict of `monitor_health`. */
  readonly verdicts: Readonly<Record<string, number>>;
  /** Monitors that are failing, silent or degraded, the gravest first. */
  readonly monitors: readonly MonitorToLookAt[];
  /** Of the last seven UTC days, today included, and of the seven before. */
  readonly lastDays: RatedRuns;
  readonly daysBefore: RatedRuns;
  /** Of the same seven days: days on which several monitors failed for one kind of reason, those of most monitors first. */
  readonly clusters: readonly FailureCluster[];
  /** Up to here every monitor is known; null: some monitor was never read. */
  readonly coveredThrough: string | null;
  /** Monitors that Exa still has and that are not known up to a day ago, or could not be read by the last cycle: no failures there may mean not read. */
  readonly unreadMonitors: number;
}

export interface MonitorToLookAt {
  readonly monitorId: string;
  readonly name: string;
  readonly account: string;
  readonly api: string;
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly since: string | null;
}

export interface RatedRuns {
  readonly failed: number;
  /** Completed and failed. */
  readonly rated: number;
}

export interface FailureCluster {
  readonly day: string;
  readonly account: string;
  readonly api: string;
  readonly reason: string;
  readonly monitors: number;
  readonly failedRuns: number;
}

const rateDays = 7;
const mostClusters = 3;

/** Which accounts and APIs; null: all. */
export interface OfSources {
  readonly account: string | null;
  readonly api: string | null;
}

/** @param limit Of the monitors that are named. */
export async function loadAttention(
  tx: Transaction,
  limit: number,
  { account, api }: OfSources = { account: null, api: null },
): Promise<Attention> {
  const selected = sql`account = coalesce(${account}::text, account) and api = coalesce(${api}::text, api)`;
  const ofSelected = sql`monitor_id in (
    select monitors.id from monitors join sync_sources on sync_sources.id = source_id where ${selected})`;
  const verdicts = await tx.execute<{ verdict: string; monitors: number }>(sql`
    select verdict, count(*)::integer as monitors from monitor_health where ${selected} group by verdict`);
  const monitors = await tx.execute<Record<string, unknown> & MonitorToLookAt>(sql`
    select monitor_id as "monitorId", monitor_name as name, account, api, verdict, to_json(verdict_reasons) as reasons,
      verdict_since::text as since
    from monitor_health
    where verdict in ('failing', 'silent', 'degraded') and ${selected}
    order by array_position(array['failing', 'silent', 'degraded'], verdict), failure_streak desc, verdict_since, monitor_id
    limit ${limit}`);
  const [rates] = await tx.execute<Record<'failed' | 'rated' | 'failedBoth' | 'ratedBoth', number>>(sql`
    select coalesce(sum(failed), 0)::float as failed, coalesce(sum(failed + completed), 0)::float as rated,
      coalesce(sum(failed_both), 0)::float as "failedBoth",
      coalesce(sum(failed_both + completed_both), 0)::float as "ratedBoth"
    from (
      select runs_within(${rateDays}, failed_within, newest_day) as failed,
        runs_within(${rateDays}, completed_within, newest_day) as completed,
        runs_within(${2 * rateDays}, failed_within, newest_day) as failed_both,
        runs_within(${2 * rateDays}, completed_within, newest_day) as completed_both
      from monitor_run_summaries where ${ofSelected}
    ) counted`);
  const clusters = await tx.execute<Record<string, unknown> & FailureCluster>(sql`
    select day::text as day, account, api, reason, monitors, failed_runs as "failedRuns"
    from failure_clusters_since((utc_day(now()) - ${rateDays - 1}::integer)::timestamp at time zone 'UTC')
    where ${selected}
    order by monitors desc, day desc, reason limit ${mostClusters}`);
  const [freshness] = await tx.execute<{ covered: string | null; unread: number }>(sql`
    select
      case when bool_and(covered_through is not null) then min(covered_through)::text end as covered,
      count(*) filter (where is_stale or consecutive_failures > 0)::integer as unread
    from sync_freshness join monitors on monitors.id = monitor_id
    where scope = 'monitor' and monitors.absent_since is null and ${ofSelected}`);
  const { failed = 0, rated = 0, failedBoth = 0, ratedBoth = 0 } = rates ?? {};
  return {
    verdicts: Object.fromEntries(verdicts.map(({ verdict, monitors: count }) => [verdict, count])),
    monitors: monitors.map((row) => ({ ...row, since: instantOf(row.since) })),
    lastDays: { failed, rated },
    daysBefore: { failed: failedBoth - failed, rated: ratedBoth - rated },
    clusters: clusters.map((row) => ({ ...row })),
    coveredThrough: instantOf(freshness?.covered ?? null),
    unreadMonitors: freshness?.unread ?? 0,
  };
}

/** What a report shows. Instants are RFC 3339, days are `2026-01-31` in UTC, rates go from 0 to 1. */

export interface ReportSelection {
  /** So many days, today included. */
  readonly days: number;
  readonly monitorId: string | null;
  readonly websetId: string | null;
}

export interface ReportData {
  readonly selection: ReportSelection;
  /** The moment of the warehouse at which everything was read. */
  readonly generatedAt: string;
  readonly freshness: Freshness;
  readonly totals: PeriodTotals;
  /** Of as many days before. */
  readonly previous: PeriodTotals;
  /** One entry for each day, oldest first. */
  readonly daily: readonly DayTotals[];
  /** How many monitors do how well, by the verdicts of `monitor_health`. */
  readonly verdicts: Readonly<Record<string, number>>;
  /** Most failed runs first; at most `listedMonitors`. */
  readonly monitors: readonly MonitorReport[];
  /** Most frequent first; at most `listedReasons`. */
  readonly reasons: readonly ReasonReport[];
  readonly distinctReasons: number;
}

export interface RunCounts {
  readonly runs: number;
  readonly completed: number;
  readonly failed: number;
  readonly canceled: number;
  readonly open: number;
  /** Null without completed and failed runs. */
  readonly failureRate: number | null;
}

interface Durations {
  /** Null without finished runs. */
  readonly p50Seconds: number | null;
  readonly p95Seconds: number | null;
}

export type PeriodTotals = RunCounts & Durations;

export interface DayTotals extends RunCounts, Durations {
  readonly day: string;
  /** Of this day and the six before. */
  readonly weekFailureRate: number | null;
}

export interface Freshness {
  /** Monitors that Exa still has. */
  readonly monitors: number;
  readonly staleMonitors: number;
  /** Monitors that no walk has covered yet, so that nothing says how far their stored runs are complete. */
  readonly unknownMonitors: number;
  readonly unreadableMonitors: number;
  readonly unfinishedWalks: number;
  readonly rejectedRuns: number;
  /** Up to here every run of every monitor is known; null when that holds for no instant. */
  readonly coveredThrough: string | null;
  /** How many monitors are covered up to an instant of this day; null: up to none. */
  readonly coverage: readonly { readonly day: string | null; readonly monitors: number }[];
  /** The last one that ended; null before that. */
  readonly lastCycle: CycleReport | null;
  /** When the cycle that runs now began. */
  readonly runningSince: string | null;
  /** Stale or unreadable monitors, a few of them. */
  readonly troubled: readonly TroubledMonitor[];
}

export interface CycleReport {
  readonly status: string;
  readonly startedAt: string;
  readonly error: string | null;
}

export interface TroubledMonitor {
  readonly monitorId: string;
  readonly coveredThrough: string | null;
  readonly consecutiveFailures: number;
  readonly lastError: string | null;
}

export interface MonitorReport extends RunCounts {
  readonly monitorId: string;
  /** Null: it is a Search Monitor. */
  readonly websetId: string | null;
  /** What people call it; null: nothing but its id. */
  readonly name: string | null;
  readonly verdict: string;
  readonly failureStreak: number;
  readonly lastSuccessAt: string | null;
  /** The day of the instant up to which its runs are known. */
  readonly coveredDay: string | null;
  /** One entry for each day with runs. */
  readonly daily: readonly (RunCounts & { readonly day: string })[];
}

export interface ReasonReport {
  readonly reason: string;
  readonly failures: number;
  readonly monitors: number;
  readonly lastSeenAt: string;
  readonly example: string | null;
}

/** What a verification needs of the store, and what it finds. Nothing here writes. */
import type { Monitor, Run } from '../model.ts';

/** A record of the API that the warehouse does not hold as the API shows it. */
export interface StoredDifference {
  readonly id: string;
  /** Columns that differ, `absent_since` for a false mark; null: there is no such row. */
  readonly columns: readonly string[] | null;
}

/** Stored runs of a monitor that are not marked absent, by creation; null: without an end on that side. */
interface StoredSpan {
  /** Included. */
  readonly newest: string | null;
  /** Excluded. */
  readonly oldest: string | null;
}

/** The warehouse as a verification reads it. */
export interface VerifyStore {
  /** Those of these monitors that are stored otherwise, or not at all. */
  compareMonitors(monitors: readonly Monitor[]): Promise<readonly StoredDifference[]>;
  /** Those of these runs that are stored otherwise, or not at all. */
  compareRuns(runs: readonly Run[]): Promise<readonly StoredDifference[]>;
  /** Ids of stored monitors without an absent mark. */
  loadMonitorIds(): Promise<readonly string[]>;
  /** Ids of the runs in a span. */
  loadRunIdsInSpan(monitorId: string, span: StoredSpan): Promise<readonly string[]>;
  /** The next ids of a monitor's runs without an absent mark, in the order of ids. */
  loadRunIdsAfter(monitorId: string, afterId: string, limit: number): Promise<readonly string[]>;
}

/** `rejected`: the API has the run and it cannot become a row. */
export type DifferenceKind = 'missing' | 'stale' | 'extra' | 'rejected';

export interface Difference {
  readonly kind: DifferenceKind;
  readonly id: string;
  /** Columns that are stale; empty otherwise. */
  readonly columns: readonly string[];
}

export type DifferenceCounts = Readonly<Record<DifferenceKind, number>>;

/** What was found out about one monitor that is not equal. */
export interface MonitorFinding {
  readonly monitorId: string;
  /** What is wrong with the monitor's own row; null: nothing. */
  readonly monitor: Difference | null;
  readonly runs: DifferenceCounts;
  /** The first of them. */
  readonly differences: readonly Difference[];
  /** Why its runs could not be read to the end; null: they were. */
  readonly error: string | null;
}

export interface VerifyReport {
  /** Nothing differs and everything could be read. */
  readonly equal: boolean;
  readonly monitorsCompared: number;
  readonly monitorsFailed: number;
  readonly runsCompared: number;
  readonly monitors: DifferenceCounts;
  readonly runs: DifferenceCounts;
  /** Only monitors that are not equal. */
  readonly findings: readonly MonitorFinding[];
  /** Monitors that a person named and that are not listed: a failure, unless another source lists them. */
  readonly unlisted: readonly string[];
}

import type { Monitor } from '../model.ts';

/** A monitor whose schedule has to be looked at, beside what was kept of it. */
export interface ScheduleWork extends Pick<
  Monitor,
  'id' | 'cadenceCron' | 'cadenceTimezone' | 'trigger' | 'createdAt' | 'updatedAt'
> {
  /** Whether it fires: enabled or active, and not absent. */
  readonly isActive: boolean;
  /** Tells one schedule, active or not, from another; opaque. */
  readonly scheduleKey: string;
  /** Whether a walk has been to the end of its runs, and none is under way. */
  readonly isCovered: boolean;
  /** Null: it has never been looked at. */
  readonly kept: KeptSchedule | null;
}

interface KeptSchedule {
  readonly scheduleKey: string;
  /** Since when the schedule has stood as it does. */
  readonly knownSince: string;
  /** The first due time that has not been judged; null: nothing is due. */
  readonly nextDueAt: string | null;
}

/** A time at which a run was due. */
export interface DueTime {
  readonly dueAt: string;
  readonly nextDueAt: string;
  /** A run created up to here was in time. */
  readonly inTimeUntil: string;
}

/** What becomes of a monitor's kept schedule, and the due times of which the grace is over. */
export interface JudgedSchedule {
  readonly monitorId: string;
  /** Null: it has not changed. */
  readonly changed: {
    readonly scheduleKey: string;
    readonly knownSince: string;
    readonly longestGapSeconds: number | null;
  } | null;
  readonly nextDueAt: string | null;
  readonly due: readonly DueTime[];
}

/** The due times of one source's monitors. */
export interface DueTimeStore {
  /** Monitors whose schedule is new or has changed, and those of which a due time lies at or before `dueBy`. */
  loadScheduleWork(dueBy: string): Promise<readonly ScheduleWork[]>;
  /** Keeps the schedules, and matches each due time with the first run that came for it. Late and missing ones are kept. */
  saveJudgedSchedules(judged: readonly JudgedSchedule[], noticedAt: string): Promise<void>;
  /** Matches what was missed or late before with the runs that there are now. */
  rematchMissedRuns(monitorIds: readonly string[]): Promise<void>;
}

import { gapsBetweenRuns } from './health/gaps-between-runs.ts';
import { isEverythingSynced } from './health/is-everything-synced.ts';
import { missedByCadence } from './health/missed-by-cadence.ts';
import { monitorsNeedingAttention } from './health/monitors-needing-attention.ts';
import { stuckAndOverdue } from './health/stuck-and-overdue.ts';
import { timeToRecovery } from './health/time-to-recovery.ts';
import { worseThanTheWeekBefore } from './health/worse-than-the-week-before.ts';
import { errorBudget } from './rates/error-budget.ts';
import { failureRateByDay } from './rates/failure-rate-by-day.ts';
import { failureRateByTeam } from './rates/failure-rate-by-team.ts';
import { failureRateByWeek } from './rates/failure-rate-by-week.ts';
import { failuresByHour } from './rates/failures-by-hour.ts';
import { flakiestMonitors } from './rates/flakiest-monitors.ts';
import { lastFailures } from './reasons/last-failures.ts';
import { newReasons } from './reasons/new-reasons.ts';
import { topReasons } from './reasons/top-reasons.ts';
import { durationsByDay } from './runs/durations-by-day.ts';
import { unusuallyLongRuns } from './runs/unusually-long-runs.ts';
import { waitsBeforeStart } from './runs/waits-before-start.ts';
import { worseThanTheRunBefore } from './runs/worse-than-the-run-before.ts';
import { changedLately } from './sync/changed-lately.ts';
import { costOfTheSync } from './sync/cost-of-the-sync.ts';
import { noLongerAtExa } from './sync/no-longer-at-exa.ts';
import type { Question } from './question.ts';

/** Every question, in the order of the cookbook. */
export const questions: readonly Question[] = [
  isEverythingSynced,
  monitorsNeedingAttention,
  failureRateByWeek,
  failureRateByDay,
  flakiestMonitors,
  timeToRecovery,
  errorBudget,
  worseThanTheWeekBefore,
  worseThanTheRunBefore,
  gapsBetweenRuns,
  missedByCadence,
  unusuallyLongRuns,
  durationsByDay,
  waitsBeforeStart,
  topReasons,
  newReasons,
  lastFailures,
  changedLately,
  stuckAndOverdue,
  failuresByHour,
  failureRateByTeam,
  noLongerAtExa,
  costOfTheSync,
];

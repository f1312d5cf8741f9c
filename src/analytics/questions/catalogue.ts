import { gapsBetweenRuns } from './health/gaps-between-runs.ts';
import { incidents } from './health/incidents.ts';
import { isEverythingSynced } from './health/is-everything-synced.ts';
import { lateRuns } from './health/late-runs.ts';
import { missedRuns } from './health/missed-runs.ts';
import { monitorsNeedingAttention } from './health/monitors-needing-attention.ts';
import { recoveryByAccount } from './health/recovery-by-account.ts';
import { silentMonitors } from './health/silent-monitors.ts';
import { stuckAndOverdue } from './health/stuck-and-overdue.ts';
import { timeToRecovery } from './health/time-to-recovery.ts';
import { unprovenMonitors } from './health/unproven-monitors.ts';
import { verdicts } from './health/verdicts.ts';
import { worseThanTheWeekBefore } from './health/worse-than-the-week-before.ts';
import { errorBudget } from './rates/error-budget.ts';
import { failureRateByAccount } from './rates/failure-rate-by-account.ts';
import { failureRateByDay } from './rates/failure-rate-by-day.ts';
import { failureRateByTeam } from './rates/failure-rate-by-team.ts';
import { failureRateByWeek } from './rates/failure-rate-by-week.ts';
import { failuresByHour } from './rates/failures-by-hour.ts';
import { flakiestMonitors } from './rates/flakiest-monitors.ts';
import { rateByConfiguration } from './rates/rate-by-configuration.ts';
import { changedBeforeItFailed } from './reasons/changed-before-it-failed.ts';
import { lastFailures } from './reasons/last-failures.ts';
import { newReasons } from './reasons/new-reasons.ts';
import { sharedCauses } from './reasons/shared-causes.ts';
import { topReasons } from './reasons/top-reasons.ts';
import { durationsByDay } from './runs/durations-by-day.ts';
import { resultsPerRun } from './runs/results-per-run.ts';
import { slowestMonitors } from './runs/slowest-monitors.ts';
import { unusuallyLongRuns } from './runs/unusually-long-runs.ts';
import { waitsBeforeStart } from './runs/waits-before-start.ts';
import { worseThanTheRunBefore } from './runs/worse-than-the-run-before.ts';
import { changedLately } from './sync/changed-lately.ts';
import { costOfTheSync } from './sync/cost-of-the-sync.ts';
import { monitorsChangedLately } from './sync/monitors-changed-lately.ts';
import { noLongerAtExa } from './sync/no-longer-at-exa.ts';
import type { Question } from './question.ts';

/** Every question, in the order of the cookbook. */
export const questions: readonly Question[] = [
  isEverythingSynced,
  monitorsNeedingAttention,
  verdicts,
  silentMonitors,
  unprovenMonitors,
  missedRuns,
  lateRuns,
  incidents,
  timeToRecovery,
  recoveryByAccount,
  sharedCauses,
  changedBeforeItFailed,
  failureRateByWeek,
  failureRateByDay,
  failureRateByAccount,
  failureRateByTeam,
  failuresByHour,
  flakiestMonitors,
  errorBudget,
  worseThanTheWeekBefore,
  worseThanTheRunBefore,
  rateByConfiguration,
  gapsBetweenRuns,
  stuckAndOverdue,
  unusuallyLongRuns,
  slowestMonitors,
  durationsByDay,
  waitsBeforeStart,
  resultsPerRun,
  topReasons,
  newReasons,
  lastFailures,
  changedLately,
  monitorsChangedLately,
  noLongerAtExa,
  costOfTheSync,
];

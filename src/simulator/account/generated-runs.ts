import { makeFailureReason } from './failure-reasons.ts';
import { between, createRandom, logNormal, mixSeed, randomLetters } from '../state/random.ts';
import type { Random } from '../state/random.ts';
import type { RunSource } from '../state/run-history.ts';
import type { RunPlan } from '../websets/run-lifecycle.ts';
import type { FinalStatus } from '../websets/wire.ts';

export const dayMs = 86_400_000;
const longestRunMs = 6 * 3_600_000;
/** How long after its cadence a run is created, at most. */
const latenessMs = 30_000;

/** What makes one monitor's runs differ from another's. */
export interface RunProfile {
  readonly seed: number;
  /** 0 to 1. */
  readonly failureRate: number;
  readonly medianDurationMs: number;
  readonly refreshShare: number;
  readonly usualReason: number;
}

export interface GeneratedRunsOptions {
  readonly profile: RunProfile;
  readonly count: number;
  /** So many of the newest runs have not ended by `nowMs`. */
  readonly openCount: number;
  /** When the cadence fired last. */
  readonly lastFireMs: number;
  readonly nowMs: number;
}

/** A daily history, computed from the seed run by run. Days are 24 hours long: a change of the clocks shifts the past by one. */
export function createGeneratedRuns(options: GeneratedRunsOptions): RunSource<RunPlan> {
  const { profile, count, openCount, lastFireMs, nowMs } = options;
  const createdAtMs = (index: number) =>
    lastFireMs - (count - 1 - index) * dayMs + (mixSeed(profile.seed, index, 1) % latenessMs);
  return {
    count,
    longestRunMs: Math.max(longestRunMs, openCount * dayMs + longestRunMs),
    createdAtMs,
    id: (index) => runId(profile, index),
    at: (index) => {
      const plan = planGeneratedRun(profile, index, createdAtMs(index));
      return index < count - openCount ? endBy(plan, nowMs - 1000) : endAfter(plan, nowMs);
    },
  };
}

/** The run that a profile makes of its `index`th start. */
export function planGeneratedRun(profile: RunProfile, index: number, createdAtMs: number): RunPlan {
  const random = createRandom(mixSeed(profile.seed, index, 2));
  const startedAtMs = createdAtMs + between(random, 1000, 20_000);
  const durationMs = Math.round(logNormal(random, profile.medianDurationMs, 0.7));
  const status = drawStatus(random, profile, createdAtMs);
  return {
    id: runId(profile, index),
    type: random() < profile.refreshShare ? 'refresh' : 'search',
    createdAtMs,
    startedAtMs,
    outcome: {
      status,
      atMs: Math.min(startedAtMs + durationMs, createdAtMs + longestRunMs),
      failedReason: status === 'failed' ? makeFailureReason(random, profile.usualReason) : null,
    },
    touchedAtMs: null,
    overlay: null,
  };
}

function runId(profile: RunProfile, index: number): string {
  return `monitor_run_${randomLetters(createRandom(mixSeed(profile.seed, index, 3)))}`;
}

function drawStatus(random: Random, profile: RunProfile, createdAtMs: number): FinalStatus {
  // Two days in a hundred are bad for everybody, as outages are.
  const badDay = mixSeed(Math.floor(createdAtMs / dayMs), 4) % 100 < 2;
  const failureRate = badDay ? Math.max(profile.failureRate, 0.6) : profile.failureRate;
  const draw = random();
  if (draw < failureRate) {
    return 'failed';
  }
  return draw > 0.99 ? 'canceled' : 'completed';
}

function endBy(plan: RunPlan, latestMs: number): RunPlan {
  const { outcome, startedAtMs } = plan;
  if (outcome === null || outcome.atMs <= latestMs) {
    return plan;
  }
  return {
    ...plan,
    startedAtMs: Math.min(startedAtMs ?? latestMs, latestMs),
    outcome: { ...outcome, atMs: latestMs },
  };
}

/** The open run ends between one minute and one and a half hours after `nowMs`; every fourth has not started yet. */
function endAfter(plan: RunPlan, nowMs: number): RunPlan {
  const { outcome, startedAtMs } = plan;
  if (outcome === null || startedAtMs === null) {
    return plan;
  }
  const delay = mixSeed(plan.createdAtMs, outcome.atMs);
  const waits = delay % 4 === 0;
  return {
    ...plan,
    startedAtMs: waits ? nowMs + 30_000 : Math.min(startedAtMs, nowMs),
    outcome: { ...outcome, atMs: nowMs + 60_000 + (delay % 5_340_000) },
  };
}

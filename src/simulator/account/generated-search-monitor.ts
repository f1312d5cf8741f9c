import { makeSearchOutput } from '../search/made-up-output.ts';
import type { NewSearchMonitor } from '../search/search-account.ts';
import type { SearchRunOutcome, SearchRunPlan } from '../search/search-run.ts';
import { between, createRandom, logNormal, mixSeed, pick } from '../state/random.ts';
import type { Random } from '../state/random.ts';
import { createUlid } from '../state/ulid.ts';

export interface GeneratedSearchMonitorOptions {
  /** Runs that it has had so far. */
  readonly count: number;
  /** Characters of page text in each result; 0: none was asked for. */
  readonly textLength: number;
  readonly firesOnSchedule: boolean;
  readonly nowMs: number;
}

interface SearchProfile {
  readonly seed: number;
  /** 0 to 1. */
  readonly failureRate: number;
  readonly textLength: number;
  readonly isStructured: boolean;
}

const hourMs = 3_600_000;
const longestRunMs = 600_000;

const topics = [
  'Funding rounds of robotics companies',
  'Rulings about open-source licences',
  'Outages of payment providers',
  'New heat pumps for old buildings',
] as const;

/** Documented ones, and some of an earlier list and of none. */
const failReasons = [
  'search_unavailable',
  'search_failed',
  'rate_limited',
  'insufficient_credits',
  'source_not_available',
  'forbidden',
  'internal_error',
  'timeout',
  'moderation_blocked',
] as const;

/** A believable Search monitor, the same for the same seed and time. Its runs are computed when asked for. */
export function generateSearchMonitor(
  seed: number,
  { count, textLength, firesOnSchedule, nowMs }: GeneratedSearchMonitorOptions,
): NewSearchMonitor {
  const random = createRandom(seed);
  const hours = pick(random, [1, 6, 24, 168]);
  const periodMs = hours * hourMs;
  const isStructured = random() < 0.4;
  const profile = { seed, failureRate: random() < 0.8 ? 0.02 : 0.3, textLength, isStructured };
  // The newest run has had an hour or half its period to end.
  const createdAtMs = nowMs - count * periodMs - Math.round(periodMs / 2);
  const runAtMs = (index: number) =>
    createdAtMs + (index + 1) * periodMs + (mixSeed(seed, index, 1) % Math.min(1_800_000, periodMs / 3));
  return {
    id: createUlid(createdAtMs, random),
    createdAtMs,
    name: random() < 0.7 ? pick(random, topics) : null,
    status: 'active',
    search: {
      query: pick(random, topics),
      ...(random() < 0.5 ? { numResults: between(random, 1, 10) * 10 } : {}),
      ...(textLength === 0 ? {} : { contents: { text: { maxCharacters: textLength } } }),
    },
    trigger: { type: 'interval', period: hours % 24 === 0 ? `${hours / 24}d` : `${hours}h` },
    outputSchema: isStructured ? { type: 'object' } : null,
    metadata: random() < 0.6 ? { team: pick(random, ['research', 'sales']) } : null,
    firesOnSchedule,
    runs: {
      count,
      longestRunMs,
      createdAtMs: runAtMs,
      id: (index) => runId(profile, index, runAtMs(index)),
      at: (index) => planGenerated(profile, index, runAtMs(index)),
    },
    planRun: (atMs, ordinal) => planGenerated(profile, count + ordinal, atMs),
  };
}

function planGenerated(profile: SearchProfile, index: number, createdAtMs: number): SearchRunPlan {
  const random = createRandom(mixSeed(profile.seed, index, 2));
  const durationMs = Math.min(Math.round(logNormal(random, 15_000, 0.7)), longestRunMs);
  return {
    id: runId(profile, index, createdAtMs),
    createdAtMs,
    startedAtMs: createdAtMs,
    outcome: drawOutcome(random, profile, createdAtMs + durationMs),
    touchedAtMs: null,
    overlay: null,
  };
}

function runId(profile: SearchProfile, index: number, createdAtMs: number): string {
  return createUlid(createdAtMs, createRandom(mixSeed(profile.seed, index, 3)));
}

function drawOutcome(random: Random, profile: SearchProfile, atMs: number): SearchRunOutcome {
  const draw = random();
  if (draw < profile.failureRate) {
    return { status: 'failed', atMs, failReason: pick(random, failReasons), output: null };
  }
  if (draw > 0.97) {
    return { status: 'cancelled', atMs, failReason: null, output: null };
  }
  const { textLength, isStructured } = profile;
  return {
    status: 'completed',
    atMs,
    failReason: null,
    output: makeSearchOutput(random, { textLength, isStructured }),
  };
}

import type { Monitor, RunState } from '../../src/sync/model.ts';
import { between, createRandom, logNormal, mixSeed, type Random } from '../../src/simulator/state/random.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** One run's whole life, in milliseconds since the epoch. */
export interface WorldRun {
  readonly id: string;
  readonly createdMs: number;
  readonly startedMs: number;
  readonly endedMs: number;
  /** A run that ends otherwise may send no event. */
  readonly completes: boolean;
}

export interface WorldMonitor {
  readonly id: string;
  /** When its schedule fires first; daily from then on. */
  readonly firstFireMs: number;
  /** In the order of their creation. */
  readonly runs: readonly WorldRun[];
}

/** How much of the truth the listing of the monitors shows. */
export interface Listing {
  readonly name: string;
  readonly lastRun:
    | 'newest'
    | 'null'
    | 'wrong'
    | { readonly lateByMs: number }
    | { readonly lateByRuns: number };
  readonly nextRunAt: 'shown' | 'null';
}

/** Monitors that run once a day, each at a quarter of an hour of its own, and now and then outside of their schedule. */
export function createWorld(monitors: number, days: number, startMs: number): readonly WorldMonitor[] {
  return Array.from({ length: monitors }, (_, index) => {
    const random = createRandom(mixSeed(1, index));
    const firstFireMs = startMs + between(random, 0, 95) * 15 * minuteMs;
    const medianMs = between(random, 40, 1200) * 1000;
    const times: number[] = [];
    for (let day = 0; day < days; day += 1) {
      times.push(firstFireMs + day * dayMs + between(random, 0, 30_000));
      if (random() < unscheduledShare) times.push(startMs + day * dayMs + between(random, 0, dayMs));
    }
    const id = `monitor_${index}`;
    const runs = times
      .toSorted((a, b) => a - b)
      .map((createdMs, ordinal) => makeRun(random, `${id}_run_${ordinal}`, createdMs, medianMs));
    return { id, firstFireMs, runs };
  });
}

/** Days on which a monitor also runs outside of its schedule. */
const unscheduledShare = 0.05;

function makeRun(random: Random, id: string, createdMs: number, medianMs: number): WorldRun {
  const startedMs = createdMs + between(random, 1000, 20_000);
  const endedMs = startedMs + Math.min(6 * hourMs, logNormal(random, medianMs, 0.7));
  return { id, createdMs, startedMs, endedMs, completes: random() < 0.92 };
}

/** Runs that exist by `nowMs`. */
export function countRuns({ runs }: WorldMonitor, nowMs: number): number {
  let count = 0;
  while (count < runs.length && (runs[count]?.createdMs ?? 0) <= nowMs) count += 1;
  return count;
}

export function runAsOf(run: WorldRun, nowMs: number): RunState {
  const status = nowMs < run.startedMs ? 'created' : nowMs < run.endedMs ? 'running' : 'completed';
  const updatedMs =
    [run.createdMs, run.startedMs, run.endedMs].findLast((atMs) => atMs <= nowMs) ?? run.createdMs;
  return { id: run.id, status, createdAt: instantOf(run.createdMs), updatedAt: instantOf(updatedMs) };
}

/** The monitor as its listing shows it. */
export function listedMonitor(
  monitor: WorldMonitor,
  { lastRun, nextRunAt }: Listing,
  nowMs: number,
): Monitor {
  const created = instantOf(monitor.firstFireMs - dayMs);
  const fired = Math.max(0, Math.floor((nowMs - monitor.firstFireMs) / dayMs) + 1);
  return {
    id: monitor.id,
    websetId: 'webset_1',
    status: 'enabled',
    cadenceCron: '0 6 * * *',
    cadenceTimezone: 'Etc/UTC',
    behavior: {},
    metadata: {},
    name: null,
    trigger: null,
    outputSchema: null,
    lastRun: listedRun(monitor, lastRun, nowMs),
    nextRunAt: nextRunAt === 'null' ? null : instantOf(monitor.firstFireMs + fired * dayMs),
    createdAt: created,
    updatedAt: created,
    extra: null,
  };
}

function listedRun(monitor: WorldMonitor, shown: Listing['lastRun'], nowMs: number): RunState | null {
  if (shown === 'null') return null;
  const seenMs = typeof shown === 'object' && 'lateByMs' in shown ? nowMs - shown.lateByMs : nowMs;
  const behind = typeof shown === 'object' && 'lateByRuns' in shown ? shown.lateByRuns : 0;
  const run = monitor.runs[countRuns(monitor, seenMs) - 1 - behind];
  if (run === undefined) return null;
  const state = runAsOf(run, seenMs);
  return shown === 'wrong' ? { ...state, id: `${state.id}_never_listed` } : state;
}

export function instantOf(ms: number): string {
  return new Date(ms).toISOString();
}

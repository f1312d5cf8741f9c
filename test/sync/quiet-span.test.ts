import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { instantOf, type Checkpoint, type ListedMonitor } from '../../src/sync/model.ts';
import { planMonitors } from '../../src/sync/plan-monitors.ts';
import { QuietSpan } from '../../src/sync/quiet-span.ts';

const nowMs = Date.UTC(2026, 2, 10, 12);
const minuteMs = 60_000;
const fullWalkDays = 2;

/** Close together, so that schedules and periods do fall due in a test. */
const nearby = fc.integer({ min: -4 * 1440, max: 4 * 1440 }).map((minutes) => nowMs + minutes * minuteMs);
const recently = fc.integer({ min: 0, max: 2 * 1440 }).map((minutes) => nowMs - minutes * minuteMs);
const justFired = fc.integer({ min: 0, max: 2 * minuteMs }).map((ms) => nowMs - ms);
const run = { id: 'r', status: 'completed', createdAt: instantOf(nowMs), updatedAt: instantOf(nowMs) };

interface Known {
  readonly hasRejectedRuns: boolean;
  readonly monitor: ListedMonitor;
  readonly checkpoint: Checkpoint;
}

const known: fc.Arbitrary<Known> = fc
  .record({
    id: fc.string({ minLength: 1, maxLength: 4 }),
    status: fc.constantFrom('enabled', 'disabled'),
    nextRunAtMs: fc.option(nearby),
    walkedAt: fc.oneof(
      { weight: 8, arbitrary: fc.constant('same' as const) },
      fc.constant(null),
      justFired,
      nearby,
    ),
    lastFullWalkAtMs: recently,
    newestRun: fc.constantFrom(run, null),
    hasRejectedRuns: fc.boolean(),
  })
  .map(({ id, status, nextRunAtMs, walkedAt, lastFullWalkAtMs, newestRun, hasRejectedRuns }) => {
    const nextRunAt = nextRunAtMs === null ? null : instantOf(nextRunAtMs);
    const before = walkedAt === null ? null : instantOf(walkedAt === 'same' ? nowMs : walkedAt);
    return {
      hasRejectedRuns,
      monitor: { id, status, lastRun: newestRun, nextRunAt, createdAt: instantOf(nowMs) },
      checkpoint: {
        monitorId: id,
        syncedThrough: null,
        unfinishedWalk: null,
        lastFullWalkAt: instantOf(lastFullWalkAtMs),
        newestRun,
        nextRunAt: walkedAt === 'same' ? nextRunAt : before,
        consecutiveFailures: 0,
      },
    };
  });

function skipsAllAt(account: readonly Known[], atMs: number): boolean {
  const rejecting = account.filter(({ hasRejectedRuns }) => hasRejectedRuns);
  const states = {
    checkpoints: new Map(account.map(({ checkpoint }) => [checkpoint.monitorId, checkpoint])),
    monitorsWithRejectedRuns: new Set(rejecting.map(({ monitor }) => monitor.id)),
    openRuns: new Map(),
  };
  const monitors = account.map(({ monitor }) => monitor);
  const planned = planMonitors(monitors, states, atMs, { full: false, since: null, fullWalkDays });
  return planned.every(({ plan }) => plan.decision === 'skip');
}

/** Rejected runs may be told of before their monitor or after it. */
function spanOf(account: readonly Known[], rejectedFirst: boolean) {
  const quiet = new QuietSpan(fullWalkDays);
  const rejecting = account.filter(({ hasRejectedRuns }) => hasRejectedRuns);
  const tellOfRejected = () => rejecting.forEach(({ monitor }) => quiet.hasRejectedRuns(monitor.id));
  if (rejectedFirst) tellOfRejected();
  for (const { monitor, checkpoint } of account) quiet.add(monitor, checkpoint, nowMs);
  if (!rejectedFirst) tellOfRejected();
  return quiet.span();
}

/** A monitor that has just been walked. */
function settled(id: string): Known {
  return {
    hasRejectedRuns: false,
    monitor: { id, status: 'enabled', lastRun: run, nextRunAt: null, createdAt: instantOf(nowMs) },
    checkpoint: {
      monitorId: id,
      syncedThrough: null,
      unfinishedWalk: null,
      lastFullWalkAt: instantOf(nowMs),
      newestRun: run,
      nextRunAt: null,
      consecutiveFailures: 0,
    },
  };
}

const accounts = fc.uniqueArray(known, {
  minLength: 1,
  maxLength: 3,
  selector: ({ monitor }) => monitor.id,
});

const share = fc.double({ min: 0, max: 1, noNaN: true });

test('within the span, and not at its end, a cycle would skip every monitor', () => {
  let quiet = 0;
  let excused = 0;
  fc.assert(
    fc.property(accounts, share, fc.boolean(), (account, part, rejectedFirst) => {
      const span = spanOf(account, rejectedFirst);
      expect(span === null).toBe(!skipsAllAt(account, nowMs));
      if (span === null) return;
      quiet += 1;
      if (account.some(({ monitor, checkpoint }) => monitor.nextRunAt !== checkpoint.nextRunAt)) excused += 1;
      const { fromMs, untilMs } = span;
      expect(fromMs).toBe(nowMs);
      expect(skipsAllAt(account, Math.floor(fromMs + part * (untilMs - 1 - fromMs)))).toBe(true);
      expect(skipsAllAt(account, untilMs - 1)).toBe(true);
      expect(skipsAllAt(account, Math.ceil(untilMs))).toBe(false);
    }),
    { numRuns: 5000, seed: 1 },
  );
  // Chance must have made them, also those whose schedule has moved within the last minute.
  expect(quiet).toBeGreaterThan(1000);
  expect(excused).toBeGreaterThan(50);
});

test('it begins with the monitor that was looked at last', () => {
  const { monitor, checkpoint } = settled('m');
  const quiet = new QuietSpan(fullWalkDays);
  quiet.add(monitor, checkpoint, nowMs + minuteMs);
  quiet.add(monitor, checkpoint, nowMs);
  expect(quiet.span()?.fromMs).toBe(nowMs + minuteMs);
});

test('one monitor to walk is the end of it, also when others follow', () => {
  const { monitor, checkpoint } = settled('m2');
  const quiet = new QuietSpan(fullWalkDays);
  quiet.add({ ...monitor, id: 'm1' }, null, nowMs);
  quiet.add(monitor, checkpoint, nowMs);
  expect(quiet.span()).toBeNull();
});

test('without monitors there is none: nothing says how long', () => {
  expect(new QuietSpan(fullWalkDays).span()).toBeNull();
});

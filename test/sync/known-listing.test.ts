import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { quietUntilMs } from '../../src/sync/known-listing.ts';
import { instantOf, type Checkpoint, type ListedMonitor } from '../../src/sync/model.ts';
import { planMonitors } from '../../src/sync/plan-monitors.ts';

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

function decisionsAt(account: readonly Known[], atMs: number): readonly string[] {
  const states = { ...statesOf(account), openRuns: new Map() };
  const planned = planMonitors(
    account.map(({ monitor }) => monitor),
    states,
    atMs,
    { full: false, since: null, fullWalkDays },
  );
  return planned.map(({ plan }) => plan.decision);
}

function statesOf(account: readonly Known[]) {
  const rejecting = account.filter(({ hasRejectedRuns }) => hasRejectedRuns);
  return {
    checkpoints: new Map(account.map(({ checkpoint }) => [checkpoint.monitorId, checkpoint])),
    monitorsWithRejectedRuns: new Set(rejecting.map(({ monitor }) => monitor.id)),
  };
}

const accounts = fc.uniqueArray(known, {
  minLength: 1,
  maxLength: 3,
  selector: ({ monitor }) => monitor.id,
});

test('up to that instant, and not at it, a cycle would skip every monitor', () => {
  let quiet = 0;
  let excused = 0;
  fc.assert(
    fc.property(accounts, fc.double({ min: 0, max: 1, noNaN: true }), (account, share) => {
      const untilMs = quietUntilMs(
        account.map(({ monitor }) => monitor),
        statesOf(account),
        fullWalkDays,
        nowMs,
      );
      const skipsAll = (atMs: number): boolean =>
        decisionsAt(account, atMs).every((decision) => decision === 'skip');
      expect(untilMs === null).toBe(!skipsAll(nowMs));
      if (untilMs === null) return;
      quiet += 1;
      if (account.some(({ monitor, checkpoint }) => monitor.nextRunAt !== checkpoint.nextRunAt)) excused += 1;
      expect(untilMs).toBeGreaterThan(nowMs);
      expect(skipsAll(Math.floor(nowMs + share * (untilMs - 1 - nowMs)))).toBe(true);
      expect(skipsAll(untilMs - 1)).toBe(true);
      expect(skipsAll(Math.ceil(untilMs))).toBe(false);
    }),
    { numRuns: 5000, seed: 1 },
  );
  // Chance must have made them, also those whose schedule has moved within the last minute.
  expect(quiet).toBeGreaterThan(1000);
  expect(excused).toBeGreaterThan(50);
});

test('a monitor without a checkpoint is not quiet, and no monitors at all are not known for ever', () => {
  const monitor = { id: 'm', status: 'enabled', lastRun: null, nextRunAt: null, createdAt: instantOf(nowMs) };
  expect(quietUntilMs([monitor], statesOf([]), fullWalkDays, nowMs)).toBeNull();
  expect(quietUntilMs([], statesOf([]), fullWalkDays, nowMs)).toBeNull();
});

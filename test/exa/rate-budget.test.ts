import { setMaxListeners } from 'node:events';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RateBudget } from '../../src/exa/http/rate-budget.ts';
import type { Wait } from '../../src/exa/http/rate-budget.ts';
import { VirtualTime } from './virtual-time.ts';

const never = new AbortController().signal;
setMaxListeners(0, never);

function createBudget(requestsPerSecond: number) {
  const time = new VirtualTime();
  return { time, budget: new RateBudget({ requestsPerSecond, clock: time, sleep: time.sleep }) };
}

/** Takes turns as fast as it gets them, from several workers, for some time; when each turn came. */
async function takeFor(ms: number, budget: RateBudget, time: VirtualTime, workers = 8): Promise<number[]> {
  const turns: number[] = [];
  const stop = new AbortController();
  const work = async () => {
    for (;;) {
      await budget.take(stop.signal);
      turns.push(time.now());
    }
  };
  const all = Promise.allSettled(Array.from({ length: workers }, work));
  await time.advance(ms);
  stop.abort(new Error('enough'));
  await all;
  return turns;
}

/** Sends requests at their turns for some time; when each one reached the server, which answers at once. */
async function arriveFor(
  ms: number,
  budget: RateBudget,
  time: VirtualTime,
  delayOf: (request: number) => number,
): Promise<number[]> {
  const arrivals: number[] = [];
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  let request = 0;
  const work = async () => {
    for (;;) {
      await budget.take(stop.signal);
      const sentMs = time.now();
      const delayMs = delayOf(request++);
      if (delayMs > 0) await time.sleep(delayMs, never);
      arrivals.push(time.now());
      budget.answered(sentMs);
    }
  };
  const all = Promise.allSettled(Array.from({ length: 20 }, work));
  await time.advance(ms);
  stop.abort(new Error('enough'));
  await time.advance(1000);
  await all;
  return arrivals.toSorted((a, b) => a - b);
}

/** The most requests that a sliding window of one second ever holds. */
function mostInASecond(turns: readonly number[]): number {
  return Math.max(
    ...turns.map((start) => turns.filter((turn) => turn >= start && turn < start + 1000).length),
  );
}

function shortestGap(turns: readonly number[]): number {
  return Math.min(...turns.slice(1).map((turn, index) => turn - (turns[index] ?? 0)));
}

describe('pace', () => {
  test.each([1, 2, 5, 10, 25, 100])(
    '%d requests a second: no burst, and at least 97 %% of them used',
    async (rate) => {
      const { budget, time } = createBudget(rate);
      let timer = 0;
      time.lateMs = () => [0, 1, 0, 2][timer++ % 4] ?? 0;
      const turns = await takeFor(20_000, budget, time);
      expect(mostInASecond(turns)).toBeLessThanOrEqual(rate);
      expect(shortestGap(turns)).toBeGreaterThanOrEqual((1000 / rate) * 0.7);
      expect(turns.length).toBeGreaterThanOrEqual(rate * 20 * 0.97);
    },
  );

  test('a fraction of a request a second', async () => {
    const { budget, time } = createBudget(0.5);
    const turns = await takeFor(100_000, budget, time);
    expect(turns).toHaveLength(50);
    expect(shortestGap(turns)).toBeGreaterThanOrEqual(2000);
  });

  test('however late or early timers fire, a sliding second never sees a request too many', async () => {
    const lateness = fc.array(fc.integer({ min: -1, max: 400 }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(3, 5, 10, 25), lateness, async (rate, late) => {
        const { budget, time } = createBudget(rate);
        let timer = 0;
        time.lateMs = () => late[timer++ % late.length] ?? 0;
        const turns = await takeFor(8000, budget, time);
        expect(mostInASecond(turns)).toBeLessThanOrEqual(rate);
        expect(shortestGap(turns)).toBeGreaterThanOrEqual((1000 / rate) * 0.5);
      }),
      { numRuns: 60 },
    );
  });

  test('timers that always fire a millisecond early do not add up to a request too many', async () => {
    const { budget, time } = createBudget(30);
    time.lateMs = () => -1;
    expect(mostInASecond(await takeFor(5000, budget, time))).toBeLessThanOrEqual(30);
  });

  test('what late timers cost is made up for', async () => {
    const { budget, time } = createBudget(10);
    let timer = 0;
    time.lateMs = () => [0, 5, 25, 8][timer++ % 4] ?? 0;
    const turns = await takeFor(60_000, budget, time);
    expect(mostInASecond(turns)).toBeLessThanOrEqual(10);
    expect(turns.length).toBeGreaterThanOrEqual(0.97 * 600);
  });

  test('a request that was held up on its way brings none too many into the second in which it arrived', async () => {
    const delays = fc.array(fc.constantFrom(0, 0, 0, 0, 15, 40), { minLength: 5, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(5, 10, 25),
        fc.integer({ min: 0, max: 300 }),
        delays,
        async (rate, connectMs, late) => {
          const { budget, time } = createBudget(rate);
          const delayOf = (request: number): number => {
            if (request === 0) return connectMs;
            // How long the way takes at best has to be known first.
            return request < rate ? 0 : (late[request % late.length] ?? 0);
          };
          const arrivals = await arriveFor(8000, budget, time, delayOf);
          expect(mostInASecond(arrivals)).toBeLessThanOrEqual(rate);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('answers that are slow for good cost little of the rate', async () => {
    const { budget, time } = createBudget(10);
    const arrivals = await arriveFor(20_000, budget, time, (request) => (request % 2 === 0 ? 0 : 400));
    expect(arrivals.length).toBeGreaterThanOrEqual(0.93 * 200);
  });

  test('after an idle time there is no burst to catch up', async () => {
    const { budget, time } = createBudget(10);
    await takeFor(1000, budget, time);
    await time.advance(60_000);
    expect(mostInASecond(await takeFor(3000, budget, time))).toBeLessThanOrEqual(10);
  });

  test('0 means no limit', async () => {
    const { budget, time } = createBudget(0);
    for (let request = 0; request < 1000; request += 1) {
      expect(await budget.take(never)).toEqual({ ms: 0, why: 'rate' });
    }
    expect(time.slept).toEqual([]);
  });

  test('a clock set back by an hour costs one turn, not an hour', async () => {
    const { budget, time } = createBudget(10);
    await budget.take(never);
    time.set(time.now() - 3_600_000);
    const turn = budget.take(never);
    await time.advance(103);
    expect((await turn).ms).toBeLessThanOrEqual(103);
  });

  test('a clock that stands still does not hang it', async () => {
    const budget = new RateBudget({
      requestsPerSecond: 5,
      clock: { now: () => 0 },
      sleep: async () => undefined,
    });
    const turns = await Promise.all(Array.from({ length: 20 }, () => budget.take(never)));
    expect(turns).toHaveLength(20);
  });
});

describe('waiting', () => {
  test('is first come, first served, and says how long it took', async () => {
    const { budget, time } = createBudget(10);
    const order: number[] = [];
    const waits: Wait[] = [];
    const turns = [0, 1, 2, 3].map(async (worker) => {
      waits.push(await budget.take(never));
      order.push(worker);
    });
    await time.advance(1000);
    await Promise.all(turns);
    expect(order).toEqual([0, 1, 2, 3]);
    expect(waits.map(({ ms }) => Math.round(ms / 10) * 10)).toEqual([0, 100, 200, 310]);
    expect(waits.every(({ why }) => why === 'rate')).toBe(true);
  });

  test('ends at once when the signal aborts, with its reason, and leaves no timer and no listener', async () => {
    const { budget, time } = createBudget(0.01);
    await budget.take(never);
    const stop = new AbortController();
    const waiting = [budget.take(stop.signal), budget.take(stop.signal)];
    expect(time.pendingTimers).toBe(1);
    const reason = new Error('stop');
    stop.abort(reason);
    const results = await Promise.allSettled(waiting);
    expect(results.map((result) => result.status === 'rejected' && result.reason === reason)).toEqual([
      true,
      true,
    ]);
    expect(time.pendingTimers).toBe(0);
    await expect(budget.take(stop.signal)).rejects.toBe(reason);
  });

  test('one who leaves the queue does not cost the others their turn', async () => {
    const { budget, time } = createBudget(10);
    await budget.take(never);
    const stop = new AbortController();
    const left = budget.take(stop.signal);
    const stays = budget.take(never);
    stop.abort(new Error('stop'));
    await expect(left).rejects.toThrow('stop');
    await time.advance(105);
    expect((await stays).ms).toBeLessThanOrEqual(102);
  });

  test('a queue that empties and fills again while it sleeps still keeps the pace', async () => {
    const { budget, time } = createBudget(1);
    await budget.take(never);
    const stop = new AbortController();
    const left = budget.take(stop.signal);
    stop.abort(new Error('stop'));
    await expect(left).rejects.toThrow('stop');
    const startedAtMs = time.now();
    const turn = budget.take(never).then(() => time.now());
    await time.advance(2000);
    expect((await turn) - startedAtMs).toBeGreaterThanOrEqual(1000);
  });
});

describe('a pause', () => {
  test('holds for everybody, those who wait already included, and is told from the rate', async () => {
    const { budget, time } = createBudget(10);
    await budget.take(never);
    const startedAtMs = time.now();
    const turns = [0, 1, 2].map(async () => ({
      wait: await budget.take(never),
      atMs: time.now() - startedAtMs,
    }));
    await time.advance(50);
    budget.pauseFor(5000);
    await time.advance(6000);
    const done = await Promise.all(turns);
    expect(done.map(({ atMs }) => Math.round(atMs / 10) * 10)).toEqual([5050, 5150, 5250]);
    expect(done.every(({ wait }) => wait.why === 'pause')).toBe(true);
  });

  test('is never shortened by a later one', async () => {
    const { budget, time } = createBudget(0);
    budget.pauseFor(5000);
    budget.pauseFor(100);
    const turn = budget.take(never);
    await time.advance(6000);
    expect(await turn).toEqual({ ms: 5000, why: 'pause' });
  });

  test('is over when it is over', async () => {
    const { budget, time } = createBudget(0);
    budget.pauseFor(5000);
    await time.advance(5001);
    expect(await budget.take(never)).toEqual({ ms: 0, why: 'rate' });
  });
});

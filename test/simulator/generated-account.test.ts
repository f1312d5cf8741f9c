import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../src/simulator/state/clock.ts';
import { generateAccount } from '../../src/simulator/account/generate-account.ts';
import type { GenerateOptions } from '../../src/simulator/account/generate-account.ts';
import { toInstant } from '../../src/simulator/state/instant.ts';
import { documentedMonitor, documentedRun } from './documented-schemas.ts';
import { dayMs, readPages, serve, startMs } from './serve.ts';

function generate(options: Partial<GenerateOptions> = {}) {
  const clock = createManualClock(startMs);
  return { clock, account: generateAccount({ monitors: 20, runsPerMonitor: 50, clock, ...options }) };
}

const everything = ({ account }: ReturnType<typeof generate>) => ({
  monitors: account.monitors(),
  runs: account.monitorIds().map((id) => account.runs(id)),
});

describe('a generated account', () => {
  it('is the same for the same seed, also after weeks, and another for another', () => {
    const [one, same, other] = [generate({ seed: 7 }), generate({ seed: 7 }), generate({ seed: 8 })];
    expect(everything(one)).toEqual(everything(same));
    expect(everything(one)).not.toEqual(everything(other));
    one.clock.advance(21 * dayMs);
    for (let day = 0; day < 21; day += 1) {
      same.clock.advance(dayMs);
      same.account.monitors();
    }
    expect(everything(one)).toEqual(everything(same));
    expect(everything(one).runs[0]).toHaveLength(71);
  });

  it('has the numbers that were asked for, in documented shape, with unique ids in order', () => {
    const generated = generate({ openRunsPerMonitor: 2, disabledShare: 0.3 });
    const { monitors, runs } = everything(generated);
    expect(monitors).toHaveLength(20);
    expect(monitors.map((monitor) => documentedMonitor.parse(monitor))).toEqual(monitors);
    expect(new Set(monitors.map((monitor) => monitor.status)).size).toBe(2);
    expect(new Set(monitors.map((monitor) => monitor.cadence.timezone)).size).toBeGreaterThan(3);
    expect(new Set(runs.flat().map((run) => run.id)).size).toBe(1000);
    for (const list of runs) {
      expect(list.map((run) => documentedRun.parse(run))).toEqual(list);
      const isOpen = list.map((run) => run.status === 'created' || run.status === 'running');
      expect(isOpen).toEqual(list.map((_, index) => index < 2));
      const created = list.map((run) => run.createdAt);
      expect(created).toEqual(created.toSorted().toReversed());
    }
  });

  it('has no open runs unless asked for, however recently the schedule fired', () => {
    const runs = everything(generate({ monitors: 500, runsPerMonitor: 1 })).runs.flat();
    expect(runs.filter((run) => ['created', 'running'].includes(run.status))).toEqual([]);
  });

  it('ends its open runs as the clock moves', () => {
    const generated = generate({ openRunsPerMonitor: 1, firesOnSchedule: false });
    generated.clock.advance(dayMs / 8);
    const runs = everything(generated).runs.flat();
    expect(runs.filter((run) => ['created', 'running'].includes(run.status))).toEqual([]);
  });

  it('fails differently from monitor to monitor, for reasons that differ in their ids and numbers', () => {
    const { runs } = everything(generate({ monitors: 100, runsPerMonitor: 300 }));
    const failed = runs.map((list) => list.filter((run) => run.status === 'failed'));
    const shares = failed.map((list) => list.length / 300).toSorted((one, other) => one - other);
    expect(shares[0]).toBeLessThan(0.04);
    expect(shares[99]).toBeGreaterThan(0.3);
    const reasons = failed.flat().map((run) => run.failedReason ?? '');
    expect(reasons.filter((reason) => /https:\/\/\S+/u.test(reason)).length).toBeGreaterThan(100);
    expect(new Set(reasons).size).toBeGreaterThan(reasons.length / 2);
    expect(new Set(reasons.map((reason) => reason.slice(0, 12))).size).toBeLessThan(10);
  });

  it('can be changed by hand like any other', async () => {
    const { account } = generate();
    const { get } = await serve({ account });
    const [id = ''] = account.monitorIds();
    const before = account.runs(id).map((run) => run.id);
    const [newest = '', , third = ''] = before;
    account.finishRun(id, newest, { status: 'failed', failedReason: 'by hand' });
    expect(account.runs(id)[0]).toMatchObject({ id: newest, failedReason: 'by hand' });
    account.deleteRun(id, third);
    account.addRun(id, { id: 'old', createdAtMs: startMs - 10_000 * dayMs });
    account.addRun(id, { id: 'new' });
    const expected = ['new', ...before.filter((runId) => runId !== third), 'old'];
    expect((await readPages(get, `/monitors/${id}/runs`, 7)).flat()).toEqual(expected);
    expect((await get(`/monitors/${id}/runs/${newest}`)).body).toMatchObject({ failedReason: 'by hand' });
  });

  it('holds two million runs without storing them', () => {
    const { account } = generate({ monitors: 1000, runsPerMonitor: 2000 });
    const [id = ''] = account.monitorIds();
    expect(account.findMonitor(id)?.countRuns(startMs)).toBe(2000);
    expect(account.runs(id)).toHaveLength(2000);
  });
});

it('writes instants like the language does', () => {
  const instants = [
    0,
    -1,
    946_684_800_000,
    951_782_400_000,
    951_868_799_999,
    1_709_164_800_000,
    startMs,
    4_107_542_400_000,
  ];
  expect(instants.map((ms) => toInstant(ms))).toEqual(instants.map((ms) => new Date(ms).toISOString()));
});

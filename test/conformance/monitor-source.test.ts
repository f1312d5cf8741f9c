import { onTestFinished } from 'vitest';
import { startSimulator } from '../../src/simulator/http/server.ts';
import { createSimulatedAccount, type SimulatedAccount } from '../../src/simulator/account/account.ts';
import type { Fault, FaultRequest } from '../../src/simulator/answers/faults.ts';
import { createManualClock } from '../../src/simulator/state/clock.ts';
import {
  CursorRefusedError,
  SkipMonitorError,
  SourceUnavailableError,
  StopCycleError,
} from '../../src/sync/errors.ts';
import { instantOf } from '../../src/sync/model.ts';
import type { MonitorSource, SourceTraits } from '../../src/sync/ports.ts';
import { createMemorySource } from '../builders/memory-source.ts';
import { someMonitor } from '../builders/some-monitor.ts';
import { completedRun } from '../builders/some-run.ts';
import { apiKey, createSearch, createSource } from '../exa/source-under-test.ts';
import { describeMonitorSource, rowsOfPage, type SourceWorld, type Trouble } from './monitor-source.ts';

const nowMs = Date.UTC(2026, 2, 10, 12);
const minuteMs = 60_000;
const monitorIds = ['idle', 'other', 'busy'];
const runIds = ['r5', 'r4', 'r3', 'r2', 'r1'];
const ids = { busy: 'busy', idle: 'idle', monitorIds, runIds };

/** When a run was created; the first is the newest. */
const createdAtMs = (index: number): number => nowMs - (index + 1) * 5 * minuteMs;

function faultOf(trouble: Trouble, { cursor }: FaultRequest): Fault | null {
  if (trouble === 'cursor refused') return cursor === null ? null : { kind: 'refuseCursor', status: 400 };
  if (trouble === 'question refused') return { kind: 'status', status: 422 };
  if (trouble === 'key refused') return { kind: 'refuse', because: 'badKey' };
  return trouble === 'not in the plan' ? { kind: 'refuse', because: 'plan' } : null;
}

function fill(account: Pick<SimulatedAccount, 'addMonitor' | 'addRun'> | SimulatedAccount['search']): void {
  for (const [index, id] of monitorIds.entries()) {
    account.addMonitor({ id, createdAtMs: nowMs - (3 - index) * 60 * minuteMs, firesOnSchedule: false });
  }
  for (const [index, id] of [...runIds.entries()].toReversed()) {
    account.addRun('busy', { id, createdAtMs: createdAtMs(index), outcome: 'completed' });
  }
}

async function serve(connect: (baseUrl: string) => MonitorSource): Promise<SourceWorld> {
  const account = createSimulatedAccount({ clock: createManualClock(nowMs) });
  fill(account);
  fill(account.search);
  let trouble: Trouble = 'none';
  const simulator = await startSimulator({ account, apiKey });
  onTestFinished(() => simulator.close());
  simulator.setFaults((request) => faultOf(trouble, request));
  const meet = (next: Trouble) => {
    trouble = next;
  };
  return { ...ids, source: connect(simulator.url), meet };
}

const websetsTraits: SourceTraits = {
  pageSize: rowsOfPage,
  showsNewestRun: true,
  promisesNewestFirst: false,
  runsCarryOutput: false,
};

describeMonitorSource('Websets', websetsTraits, () =>
  serve((baseUrl) => createSource({ baseUrl }, { pageSize: rowsOfPage }).source),
);

describeMonitorSource(
  'Search Monitors',
  { pageSize: rowsOfPage, showsNewestRun: false, promisesNewestFirst: true, runsCarryOutput: true },
  () => serve((baseUrl) => createSearch({ baseUrl }, { pageSize: rowsOfPage }).source),
);

function refusalOf(trouble: Trouble, cursor: string | null): Error | null {
  if (trouble === 'cursor refused') return cursor === null ? null : new CursorRefusedError(trouble);
  if (trouble === 'question refused') return new SkipMonitorError(trouble);
  if (trouble === 'key refused') return new StopCycleError(trouble);
  return trouble === 'not in the plan' ? new SourceUnavailableError(trouble) : null;
}

describeMonitorSource('a test', websetsTraits, async () => {
  let trouble: Trouble = 'none';
  const runs = runIds.map((id, index) =>
    completedRun(id, instantOf(createdAtMs(index)), { monitorId: 'busy' }),
  );
  const [newest = null] = runs;
  const source = createMemorySource({
    traits: websetsTraits,
    monitors: monitorIds.map((id) => someMonitor({ id, lastRun: id === 'busy' ? newest : null })),
    runs,
    refuse: ({ cursor }) => refusalOf(trouble, cursor),
  });
  const meet = (next: Trouble) => {
    trouble = next;
  };
  return { ...ids, source, meet };
});

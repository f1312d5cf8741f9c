/** Random scenarios, which fast-check can shrink. */
import * as fc from 'fast-check';
import type { CursorStyle } from '../../src/simulator/answers/paging.ts';
import type { Fault } from '../../src/simulator/answers/faults.ts';
import type { RunOrder } from '../../src/simulator/answers/list-order.ts';
import type { AccountQuirks } from '../../src/simulator/websets/websets-account.ts';
import type { FinalStatus } from '../../src/simulator/websets/wire.ts';
import type { Cut } from './loose-connections.ts';
import type {
  Change,
  CycleMode,
  Edit,
  Falsehood,
  Incident,
  Place,
  RunSeed,
  Scenario,
  SourceSeed,
  Step,
} from './scenario.ts';

const finalStatus = fc.constantFrom<FinalStatus>('completed', 'failed', 'canceled');
const anyIndex = fc.nat({ max: 60 });

const runSeed: fc.Arbitrary<RunSeed> = fc.record({
  gapMinutes: fc.oneof(
    { weight: 2, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 90 }) },
    { weight: 3, arbitrary: fc.integer({ min: 90, max: 900 }) },
  ),
  status: fc.oneof(
    { weight: 3, arbitrary: finalStatus },
    { weight: 1, arbitrary: fc.constant('open' as const) },
  ),
});

const lastRun = fc.constantFrom<AccountQuirks['lastRun']>(
  'newest',
  'newest',
  'null',
  'wrong',
  { lateByRuns: 1 },
  { lateByMs: 3_600_000 },
);

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('addRuns' as const),
      monitor: anyIndex,
      open: fc.boolean(),
      count: fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 12 })),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('finishRun' as const),
      monitor: anyIndex,
      run: anyIndex,
      status: finalStatus,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('addLateRun' as const),
      monitor: anyIndex,
      minutesAgo: fc.integer({ min: 1, max: 3000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('correctRun' as const), monitor: anyIndex, run: anyIndex }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('deleteRun' as const), monitor: anyIndex, run: anyIndex }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('moveRun' as const),
      monitor: anyIndex,
      run: anyIndex,
      to: anyIndex,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('addFutureRun' as const), monitor: anyIndex }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'addMonitor' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'turnList' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deleteMonitor' as const), monitor: anyIndex }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('switchMonitor' as const), monitor: anyIndex }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('showLastRun' as const), lastRun }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      minutes: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.constant(30 * 60)),
    }),
  },
);

const retryAfter = fc.record({
  style: fc.constantFrom('seconds' as const, 'date' as const, 'none' as const),
  seconds: fc.integer({ min: 1, max: 20 }),
});

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('status' as const), status: fc.constant(429), retryAfter }),
  fc.record({ kind: fc.constant('status' as const), status: fc.constantFrom(500, 502, 408, 402) }),
  fc.record({
    kind: fc.constant('status' as const),
    status: fc.constant(503),
    body: fc.constant('html' as const),
  }),
  fc.record({
    kind: fc.constantFrom(
      'html200' as const,
      'emptyBody' as const,
      'nullBody' as const,
      'withoutData' as const,
    ),
  }),
  fc.record({
    kind: fc.constant('truncatedBody' as const),
    framing: fc.constantFrom('contentLength' as const, 'chunked' as const, 'framed' as const),
  }),
  fc.constant<Fault>({ kind: 'reset' }),
  fc.constant<Fault>({ kind: 'hang' }),
  fc.record({
    kind: fc.constant('refuseCursor' as const),
    status: fc.constantFrom(400 as const, 404 as const),
  }),
  fc.constant<Fault>({ kind: 'refuseLimit' }),
  fc.record({ kind: fc.constant('fewerRows' as const), rows: fc.integer({ min: 0, max: 2 }) }),
  fc.constant<Fault>({ kind: 'hasMoreWithoutCursor' }),
  fc.constant<Fault>({ kind: 'repeatedCursor' }),
  fc.record({
    kind: fc.constant('repeatRows' as const),
    rows: fc.oneof(fc.constant('inPage' as const), fc.integer({ min: 1, max: 3 })),
  }),
  fc.constant<Fault>({ kind: 'restartAtTop' }),
);

const atRequest = fc.oneof(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 1, max: 30 }));

const byMinutes = fc.constantFrom(2.0005, 20.0005, 200.0005, 2000.0005);

const falsehood: fc.Arbitrary<Falsehood> = fc.oneof(
  fc.record({
    kind: fc.constant('lag' as const),
    endpoint: fc.constantFrom('monitors' as const, 'runs' as const, 'run' as const, 'run' as const),
    byMinutes,
  }),
  fc.record({
    kind: fc.constant('hide' as const),
    endpoint: fc.constantFrom('runs' as const, 'run' as const),
    run: fc.nat({ max: 3 }),
  }),
  fc.constant<Falsehood>({ kind: 'empty' }),
);

const times = fc.oneof(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 8 }));
const atWrite = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 25 }));

const incident: fc.Arbitrary<Incident> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('fault' as const), atRequest, times, fault }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant('falsehood' as const),
      atRequest: fc.oneof(fc.constant(1), atRequest),
      times,
      falsehood,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('change' as const), atRequest, source: anyIndex, change }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('interrupt' as const), atRequest }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('crash' as const),
      atWrite,
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('cut' as const),
      atWrite,
      how: fc.constantFrom<Cut>('killed', 'frozen', 'mute'),
      which: fc.integer({ min: 1, max: 7 }),
    }),
  },
);

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom<Edit['kind']>(
    'runs truncated',
    'rows of a monitor deleted',
    'rows deleted with triggers off',
    'bookkeeping truncated',
    'sequence rewound',
  ),
  monitor: anyIndex,
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('change' as const), source: anyIndex, change }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('edit' as const), edit }) },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('cycle' as const),
      mode: fc.constantFrom<CycleMode>('incremental', 'incremental', 'incremental', 'full', 'since', 'only'),
      // Mostly the same: it is a setting.
      pageSize: fc.oneof(
        { weight: 4, arbitrary: fc.constant(3) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 7 }) },
      ),
      incidents: fc.oneof(
        { weight: 1, arbitrary: fc.constant([]) },
        { weight: 4, arbitrary: fc.array(incident, { minLength: 1, maxLength: 5, size: 'max' }) },
      ),
    }),
  },
);

const cursorStyle = fc.constantFrom<CursorStyle>(
  'keyset',
  'keyset',
  'keyset',
  'offset',
  'page',
  'snapshot',
  'same',
);

const sourceSeed: fc.Arbitrary<SourceSeed> = fc.record({
  runOrder: fc.oneof(
    { weight: 6, arbitrary: fc.constant<RunOrder>('descending') },
    { weight: 2, arbitrary: fc.constant<RunOrder>('ascending') },
    { weight: 1, arbitrary: fc.constant<RunOrder>('updatedAt') },
    {
      weight: 1,
      arbitrary: fc.record({ newest: fc.constantFrom(1, 2), atRank: fc.integer({ min: 1, max: 9 }) }),
    },
  ),
  cursors: cursorStyle,
  monitorCursors: cursorStyle,
  listedOutputs: fc.constantFrom('whole' as const, 'missing' as const),
  monitors: fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.array(runSeed, { minLength: 2, maxLength: 12, size: 'max' }) },
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(runSeed, { minLength: 15, maxLength: 40, size: 'max' }) },
    ),
    { minLength: 1, maxLength: 3, size: 'max' },
  ),
});

const [websets, search] = [
  { account: 0, api: 'websets' },
  { account: 0, api: 'search' },
] as const satisfies readonly Place[];
const [otherWebsets, otherSearch] = [
  { account: 1, api: 'websets' },
  { account: 1, api: 'search' },
] as const satisfies readonly Place[];

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  // Mostly one at a time: only then does a seed of one source always tell the same story.
  concurrency: fc.constantFrom(1, 1, 1, 4),
  places: fc.constantFrom<readonly Place[]>(
    [websets],
    [websets],
    [search],
    [websets, search],
    [websets, search],
    [websets, otherSearch],
    [websets, search, otherWebsets, otherSearch],
  ),
  seeds: fc.array(sourceSeed, { minLength: 4, maxLength: 4 }),
  steps: fc.array(step, { minLength: 2, maxLength: 9, size: 'max' }),
});

import * as fc from 'fast-check';

/** Instants are microseconds since the epoch, the precision of Postgres; JSON and doubles hold them exactly. */
export interface RunRow {
  readonly id: string;
  readonly monitorId: string;
  readonly status: string;
  readonly type: string;
  readonly createdAt: number;
  readonly completedAt: number | null;
  readonly failedAt: number | null;
  readonly failedReason: string | null;
  readonly canceledAt: number | null;
  readonly absentSince: number | null;
}

export interface MonitorRow {
  readonly id: string;
  readonly websetId: string;
  /** As the API sends them: any of them may be all that says what people call it. */
  readonly name: string | null;
  readonly behavior: Readonly<Record<string, unknown>>;
  /** 1: Websets of the account `default`; 2: Search Monitors of the account `eu`. */
  readonly sourceId: 1 | 2;
  readonly status: string;
  readonly cadenceCron: string;
  readonly cadenceTimezone: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly nextRunAt: number | null;
  readonly absentSince: number | null;
  readonly firstSyncedAt: number;
  /** Of its schedule; null: it has none. */
  readonly longestGapDays: number | null;
  /** When runs were due that did not come in time, and how late they came, if they did. */
  readonly missed: readonly { readonly dueAt: number; readonly lateBySeconds: number | null }[];
}

interface CheckpointRow {
  readonly monitorId: string;
  readonly syncedThrough: number | null;
  readonly lastWalkAt: number | null;
  readonly lastFullWalkAt: number | null;
  readonly walkStartedAt: number | null;
  readonly consecutiveFailures: number;
  readonly lastError: string | null;
  readonly lastErrorAt: number | null;
}

interface CycleRow {
  readonly status: string;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly monitorsSeen: number;
  readonly asksForAll: boolean;
  readonly error: string | null;
}

interface StatusChangeRow {
  readonly runId: string;
  readonly toStatus: string;
  readonly changedAt: number;
  readonly answer: number;
}

/** A field of a monitor that changed. */
interface ChangeRow {
  readonly monitorId: string;
  readonly field: string;
  readonly valueBefore: unknown;
  readonly changedAt: number;
  /** No two are alike. */
  readonly seenAt: number;
}

export interface History {
  readonly monitors: readonly MonitorRow[];
  readonly runs: readonly RunRow[];
  readonly checkpoints: readonly CheckpointRow[];
  readonly cycles: readonly CycleRow[];
  readonly statusChanges: readonly StatusChangeRow[];
  readonly changes: readonly ChangeRow[];
  readonly rejected: readonly { readonly monitorId: string; readonly runKey: string }[];
}

export const secondUs = 1_000_000;
export const dayUs = 86_400 * secondUs;

/** Instants around what the views' windows turn on, and ties: few distinct ages, at an edge or a microsecond beside it. */
function pastInstant(nowUs: number, oldestDay: number): fc.Arbitrary<number> {
  const midnight = nowUs - (nowUs % dayUs);
  const beside = fc.constantFrom(-1, 0, 0, 1);
  const age = fc.oneof(
    fc.constantFrom(-1, 0, 0, 1, 6, 7, 29, 30, 89, 90, 91, 92, 93, 100),
    fc.nat(oldestDay),
  );
  return fc.oneof(
    fc.tuple(age, beside).map(([days, us]) => midnight - days * dayUs + us),
    fc.tuple(age, beside).map(([days, us]) => nowUs - days * dayUs + us),
    fc.tuple(age, fc.nat(dayUs - 1)).map(([days, us]) => midnight - days * dayUs + us),
    fc.tuple(age, fc.nat(3)).map(([days, hours]) => midnight - days * dayUs + hours * 3600 * secondUs),
  );
}

/** What is taken out of reasons, and what only looks like it. */
const takenOut = fc.oneof(
  fc.uuid(),
  fc.stringMatching(/^[0-9a-f]{7,12}$/),
  fc.stringMatching(/^-?[0-9]{1,12}([.,:][0-9]{1,3}){0,3}([a-zA-Z]{1,4})?$/),
  fc.stringMatching(/^[a-z]{1,17}[_-]?[0-9]{1,10}[a-z]{0,4}$/),
  fc.constantFrom('2026-03-29T01:30:00.000Z', '10.0.0.1:5432', 'fe80::1', 'a@b.example'),
);

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 2 });
const mostly = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 6 });

const reason = fc.oneof(
  fc.constantFrom('Internal error', 'internal  error\n', '', '   '),
  fc
    .tuple(takenOut, takenOut, fc.webUrl({ withQueryParameters: true }))
    .map(([number, id, url]) => `Upstream error ${number} (${id}) at ${url}, "query ${number}" and 'a b'`),
  fc
    .string({ unit: 'grapheme', maxLength: 40 })
    .map((text) => text.replaceAll('\0', ''))
    .filter((text) => !/\s/u.test(text.replaceAll(/[ \t\r\n]/g, ''))),
  fc
    .array(fc.constantFrom('run_', '7', 'x', '-', '"', "'", '`', ' ', ':', '://', '.', 'é'), {
      maxLength: 30,
    })
    .map((parts) => parts.join('')),
  // Cut before and after the replacing.
  fc.constantFrom(`${'x'.repeat(499)}1234`, `${'😀'.repeat(499)}12`, `${'9 '.repeat(1000)}7`),
  fc.tuple(takenOut, fc.nat(2000)).map(([id, length]) => `${id} ${'y 5 '.repeat(length)}`),
);

function runs(monitorIds: readonly string[], nowUs: number): fc.Arbitrary<RunRow[]> {
  const status = fc.constantFrom(
    'completed',
    'completed',
    'failed',
    'failed',
    'canceled',
    'created',
    'running',
    'paused',
  );
  // Clocks differ: a run may end before it was created.
  const after = fc.oneof(fc.constantFrom(-secondUs, 0, secondUs), fc.nat(4000 * secondUs));
  return fc
    .array(
      fc.record({
        monitorId: fc.constantFrom(...monitorIds),
        status,
        type: fc.constantFrom('search', 'refresh', 'other'),
        createdAt: pastInstant(nowUs, 120),
        durations: fc.tuple(maybe(after), maybe(after), maybe(after)),
        failedReason: maybe(reason),
        absentSince: fc.option(pastInstant(nowUs, 3), { freq: 5 }),
        odd: fc.nat(9),
      }),
      // Left to itself it would seldom draw two runs of one monitor and day.
      { maxLength: 24, size: 'max' },
    )
    .map((drafts) =>
      drafts.map(({ durations: [completed, failed, canceled], odd, ...draft }, index) => {
        // Mostly the instant that belongs to the status; now and then any of them, as no rule of the API forbids it.
        const at = (own: string, duration: number | null): number | null =>
          duration !== null && (draft.status === own || odd === 0) ? draft.createdAt + duration : null;
        return {
          ...draft,
          id: `run-${(index * 7919) % 1009}`,
          completedAt: at('completed', completed),
          failedAt: at('failed', failed),
          canceledAt: at('canceled', canceled),
        };
      }),
    );
}

const someBehavior: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc.constantFrom(
  {},
  { type: 'search', config: { query: 'robots' } },
  { type: 'refresh', config: {} },
  { type: 'auto', query: `${'x'.repeat(79)} and more` },
  { query: ' ' },
);
const someMetadata: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc.constantFrom(
  {},
  { team: "o'neill" },
  { name: 'From its metadata', title: 'No' },
  { name: '', title: 'From its title' },
);

/** What of it changed; the values need not follow from each other, as somebody may have changed a row by hand. */
function monitorChanges(monitorIds: readonly string[], nowUs: number): fc.Arbitrary<ChangeRow[]> {
  if (monitorIds.length === 0) return fc.constant([]);
  const change = fc.oneof(
    fc.record({ field: fc.constant('behavior'), valueBefore: someBehavior }),
    fc.record({ field: fc.constant('metadata'), valueBefore: someMetadata }),
    fc.record({ field: fc.constant('name'), valueBefore: fc.constantFrom('Once', null) }),
    fc.record({ field: fc.constant('cadence_cron'), valueBefore: fc.constantFrom('0 0 29 2 *', null) }),
    fc.record({ field: fc.constant('status'), valueBefore: fc.constantFrom('disabled', 'enabled') }),
    fc.record({ field: fc.constant('absent_since'), valueBefore: fc.constant('2026-01-01T00:00:00Z') }),
  );
  return fc
    .array(fc.tuple(fc.constantFrom(...monitorIds), change, pastInstant(nowUs, 120)), { maxLength: 12 })
    .map((drafts) =>
      drafts.map(([monitorId, draft, changedAt], index) => ({
        ...draft,
        monitorId,
        changedAt,
        seenAt: changedAt + ((index * 5) % 13),
      })),
    );
}

function monitor(id: string, nowUs: number): fc.Arbitrary<MonitorRow> {
  return fc.record({
    id: fc.constant(id),
    websetId: fc.constantFrom('webset-1', 'webset-2'),
    status: fc.constantFrom('enabled', 'enabled', 'enabled', 'active', 'disabled', 'paused'),
    cadenceCron: fc.constantFrom('0 6 * * *', '30 7 * * 1'),
    cadenceTimezone: fc.constantFrom('Etc/UTC', 'Asia/Kolkata'),
    name: fc.constantFrom(null, null, '', ' ', ' Daily jobs '),
    behavior: someBehavior,
    sourceId: fc.constantFrom(1, 1, 2),
    metadata: someMetadata,
    nextRunAt: maybe(fc.oneof(pastInstant(nowUs, 3), fc.constant(nowUs + dayUs))),
    absentSince: fc.option(pastInstant(nowUs, 5), { freq: 5 }),
    firstSyncedAt: pastInstant(nowUs, 5),
    longestGapDays: maybe(fc.constantFrom(0.25, 1, 3, 7)),
    missed: fc.uniqueArray(
      fc.record({
        dueAt: pastInstant(nowUs, 40),
        lateBySeconds: fc.option(fc.nat(9000).map((count) => count / 4)),
      }),
      { maxLength: 4, selector: ({ dueAt }) => dueAt },
    ),
  });
}

function checkpoint(monitorId: string, nowUs: number): fc.Arbitrary<CheckpointRow | null> {
  return mostly(
    fc.record({
      monitorId: fc.constant(monitorId),
      syncedThrough: mostly(pastInstant(nowUs, 3)),
      lastWalkAt: mostly(pastInstant(nowUs, 3)),
      lastFullWalkAt: maybe(pastInstant(nowUs, 8)),
      walkStartedAt: fc.option(pastInstant(nowUs, 1), { freq: 4 }),
      consecutiveFailures: fc.constantFrom(0, 0, 0, 1, 4),
      lastError: maybe(fc.constant('the API answered 500')),
      lastErrorAt: maybe(pastInstant(nowUs, 3)),
    }),
  );
}

function cycle(monitors: number, nowUs: number): fc.Arbitrary<CycleRow> {
  return fc.record({
    status: fc.constantFrom('succeeded', 'succeeded', 'partial', 'failed', 'interrupted', 'running'),
    startedAt: pastInstant(nowUs, 3),
    finishedAt: mostly(pastInstant(nowUs, 3)),
    monitorsSeen: fc.oneof(fc.constant(monitors), fc.nat(monitors + 1)),
    asksForAll: fc.constantFrom(true, true, true, false),
    error: maybe(fc.constant('1 of 3 monitors failed')),
  });
}

function statusChanges(runIds: readonly string[], nowUs: number): fc.Arbitrary<StatusChangeRow[]> {
  if (runIds.length === 0) return fc.constant([]);
  const change = fc.record({
    runId: fc.constantFrom(...runIds),
    toStatus: fc.constantFrom('created', 'running', 'running', 'completed'),
    changedAt: pastInstant(nowUs, 120),
  });
  return fc
    .array(change, { maxLength: 15 })
    .map((changes) => changes.map((entry, index) => ({ ...entry, answer: (index * 5) % 16 })));
}

/** Whole warehouses as they may stand at `nowUs`, invalid nowhere, unlikely often. */
export function randomHistory(nowUs: number): fc.Arbitrary<History> {
  return fc.integer({ min: 0, max: 4 }).chain((count) => {
    const ids = Array.from({ length: count }, (_, index) => `monitor-${index}`);
    return fc
      .record({
        monitors: fc.tuple(...ids.map((id) => monitor(id, nowUs))),
        runs: runs(ids.length === 0 ? ['unlisted'] : [...ids, ...ids, 'unlisted'], nowUs),
        checkpoints: fc
          .tuple(...ids.map((id) => checkpoint(id, nowUs)))
          .map((rows) => rows.filter((row) => row !== null)),
        cycles: fc.array(cycle(count, nowUs), { maxLength: 5 }),
        changes: monitorChanges([...ids, ...ids, ...ids.slice(0, 1)], nowUs),
        rejected: fc.uniqueArray(
          fc.record({ monitorId: fc.constantFrom(...ids, 'unlisted'), runKey: fc.constantFrom('a', 'b') }),
          { maxLength: 4, selector: ({ monitorId, runKey }) => `${monitorId} ${runKey}` },
        ),
      })
      .chain((history) =>
        statusChanges(
          history.runs.map(({ id }) => id),
          nowUs,
        ).map((changes) => ({ ...history, statusChanges: changes })),
      );
  });
}

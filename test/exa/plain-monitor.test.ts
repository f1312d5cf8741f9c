import { array, assert, constantFrom, jsonValue, oneof, property, tuple, type Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import { parseAnyMonitor } from '../../src/exa/records/parse-monitor.ts';
import { readPlainMonitor } from '../../src/exa/records/plain-monitor.ts';
import { apiMonitor, apiRun } from './exa-objects.ts';

const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);

const oddities: Arbitrary<unknown> = oneof(
  constantFrom(
    '2026-01-02T03:04:05.123456Z',
    '2026-02-29T00:00:00Z',
    '2026-01-02 03:04:05+02:00',
    '2026-01-02',
  ),
  constantFrom(
    null,
    undefined,
    '',
    'x',
    'a\u0000b',
    'a\uD800b',
    'é'.repeat(90),
    'x'.repeat(101),
    'x'.repeat(600),
  ),
  constantFrom<unknown>(
    {},
    [],
    { a: 'b' },
    { 'k\u0000': 1 },
    { a: ['b\uD800'] },
    nested(98),
    nested(99),
    nested(100),
  ),
  constantFrom<unknown>(
    { cron: 'x' },
    { cron: 'x', timezone: 'UTC' },
    { cron: 'x', timezone: 'UTC', jitter: 1 },
  ),
  jsonValue(),
);
const changesOf = (names: readonly string[], most: number) =>
  array(tuple(constantFrom(...names), oddities), { maxLength: most }).map((changes) =>
    Object.fromEntries(changes),
  );
const lastRuns = changesOf([...Object.keys(apiRun()), 'cost'], 2).map((changes) => apiRun(changes));
/** A monitor with up to three of its fields replaced, removed or added, and maybe some of its last run's. */
const payloads = tuple(lastRuns, changesOf([...Object.keys(apiMonitor()), 'name', '__proto__'], 3)).map(
  ([lastRun, changes]) => apiMonitor({ lastRun, ...changes }),
);

test('what is read at a glance is what the schemas read', () => {
  let read = 0;
  assert(
    property(payloads, (payload) => {
      const monitor = readPlainMonitor(payload);
      if (monitor === null) return;
      read += 1;
      expect(parseAnyMonitor(payload)).toEqual({ monitor, unreadable: null });
    }),
    { numRuns: 20_000 },
  );
  expect(read).toBeGreaterThan(1000);
});

test.each([
  ['usually sends', {}],
  ['sends before its first run', { lastRun: null }],
  ['sends when it is disabled', { status: 'disabled', nextRunAt: null }],
])('the monitor that the API %s is read at a glance', (_case, fields) => {
  const payload = apiMonitor(fields);
  expect(readPlainMonitor(payload)).toEqual(parseAnyMonitor(payload).monitor);
});

test.each([
  ['with a field that is new', { name: 'News' }],
  ['that lacks a field', { metadata: undefined }],
  ['with an empty webset', { websetId: '' }],
  ['with a field of the cadence that is new', { cadence: { cron: 'x', timezone: 'UTC', jitter: 1 } }],
  ['with text that Postgres refuses', { metadata: { a: 'b\u0000' } }],
  ['with a key that Postgres refuses', { behavior: { 'a\u0000': 1 } }],
  ['with an instant in another notation', { nextRunAt: '2026-01-02T03:04:05+02:00' }],
  ['that is nested too deep', { metadata: { deep: nested(99) } }],
  ['whose unread field is nested too deep', { object: nested(100) }],
  ['whose last run is nested', { lastRun: apiRun({ cost: { cents: 5 } }) }],
  ['whose last run cannot be read', { lastRun: apiRun({ id: '' }) }],
  ['with an id that may be too long', { id: 'é'.repeat(251) }],
])('a monitor %s is left to the schemas', (_case, fields) => {
  expect(readPlainMonitor(apiMonitor(fields))).toBeNull();
});

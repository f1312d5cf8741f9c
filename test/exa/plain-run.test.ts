import { array, assert, constantFrom, jsonValue, oneof, property, tuple, type Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import { parseAnyRun } from '../../src/exa/records/parse-run.ts';
import { readPlainRun } from '../../src/exa/records/plain-run.ts';
import { apiRun } from './exa-objects.ts';

const instants = [
  '2026-01-02T03:04:05.123456Z',
  '2026-01-02T03:04:05Z',
  '2026-02-29T00:00:00Z',
  '2026-01-31T03:04:05Z',
];
const oddities: Arbitrary<unknown> = oneof(
  constantFrom(
    ...instants,
    null,
    undefined,
    '',
    'x',
    'a\u0000b',
    'a\uD800b',
    'é'.repeat(90),
    'x'.repeat(101),
  ),
  constantFrom('x'.repeat(600), '2026-01-02', '2026-01-02T03:04:05.1234567Z', '2026-01-02 03:04:05+02:00'),
  jsonValue(),
);
const fieldNames = [...Object.keys(apiRun()), 'cost', '__proto__'];
/** A run with up to three of its fields replaced, removed or added. */
const payloads = array(tuple(constantFrom(...fieldNames), oddities), { maxLength: 3 }).map((changes) =>
  apiRun(Object.fromEntries(changes)),
);

test('what is read at a glance is what the schema reads', () => {
  let read = 0;
  assert(
    property(payloads, (payload) => {
      const run = readPlainRun(payload, 'mon_1');
      if (run === null) return;
      read += 1;
      expect(parseAnyRun(payload, 'mon_1')).toEqual({ run, rejected: null });
    }),
    { numRuns: 20_000 },
  );
  expect(read).toBeGreaterThan(1000);
});

test('the run that the API usually sends is read at a glance', () => {
  expect(readPlainRun(apiRun(), 'mon_1')).toEqual(parseAnyRun(apiRun(), 'mon_1').run);
});

test.each([
  ['of another monitor', { monitorId: 'mon_2' }],
  ['with a field that is new', { cost: 1 }],
  ['that lacks a field', { failedReason: undefined }],
  ['with text that Postgres refuses', { failedReason: 'a\u0000b' }],
  ['with an instant in another notation', { createdAt: '2026-01-02T03:04:05+02:00' }],
  ['whose unread field is nested too deep', { object: JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`) }],
  ['with an id that may be too long', { id: 'é'.repeat(251) }],
])('a run %s is left to the schema', (_case, fields) => {
  expect(readPlainRun(apiRun(fields), 'mon_1')).toBeNull();
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson } from '../../src/exa/http/parse-json.ts';
import { toStorable } from '../../src/exa/records/storable-json.ts';
import { ExactNumber, toJsonText } from '../../src/sync/exact-number.ts';
import { apiMonitor, apiRun } from './exa-objects.ts';
import { startServer, text } from './scripted-server.ts';
import { createSource } from './source-under-test.ts';

const long = '9007199254740993';

/** What is stored of a JSON text. */
const stored = (json: string): string => toJsonText(toStorable(parseJson(json)));

describe('a number that JavaScript would round', () => {
  test.each([
    long,
    `-${long}`,
    '12345678901234567890123456789012345678901234567890',
    '0.1234567890123456789',
    '1234567890123456.7890123',
    '1.2345678901234567890e-7',
  ])('%s is kept digit for digit', (number) => {
    expect(stored(`{"a":[${number},{"b":${number}}]}`)).toBe(`{"a":[${number},{"b":${number}}]}`);
  });

  test('is an exact number, and nothing else is', () => {
    const value = toStorable(parseJson(`{"long":${long},"kept":9007199254740992,"text":"${long}"}`));
    expect(value).toEqual({ long: new ExactNumber(long), kept: 9007199254740992, text: long });
  });

  test('any integer comes out as it went in, whatever text stands around it', () => {
    const anyText = fc.string({ unit: fc.constantFrom('"', '\\', 'a', '1234567890', '\n', '€') });
    const value = fc.oneof(
      fc.bigInt().map(String),
      anyText.map((content) => JSON.stringify(content)),
    );
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const json = `[${[...values, long].join(',')}]`;
        expect(stored(json)).toBe(json);
      }),
      { numRuns: 1000 },
    );
  });

  test('inside a string it is text, also where quotes are escaped', () => {
    const json = JSON.stringify({ a: `"${long}`, [`\\"${long}`]: `${long}"`, b: '\\' });
    expect(stored(`[${json},${long}]`)).toBe(`[${json},${long}]`);
  });

  test('does not make JSON of what is none', () => {
    expect(() => parseJson(`[${long}`)).toThrow(SyntaxError);
    expect(() => parseJson(`[00${long}]`)).toThrow(SyntaxError);
    expect(() => parseJson(`[${long}-]`)).toThrow(SyntaxError);
  });

  test(
    'in a megabyte of text that needs escaping takes no longer than any other',
    { timeout: 10_000 },
    () => {
      const json = `["${'\\"'.repeat(1_000_000)}",${long}]`;
      expect(stored(json)).toBe(json);
    },
  );
});

test('runs and monitors keep long numbers of unknown fields and of metadata', async () => {
  const withNumber = (record: Record<string, unknown>) =>
    `{"data":[${JSON.stringify(record).replaceAll('"?"', long)}],"hasMore":false}`;
  const server = await startServer(
    text(withNumber(apiRun({ cost: { units: '?' } }))),
    text(withNumber(apiMonitor({ metadata: { customer: '?' }, seats: '?' }))),
  );
  const { source } = createSource(server);
  const { runs } = await source.listRuns('mon_1', null);
  const { monitors } = await source.listMonitors(null);
  expect(toJsonText(runs[0]?.extra)).toBe(`{"cost":{"units":${long}}}`);
  expect(toJsonText([monitors[0]?.metadata, monitors[0]?.extra])).toBe(
    `[{"customer":${long}},{"seats":${long}}]`,
  );
});

test('a long number where something else belongs is judged like any number', async () => {
  const page = `{"data":[${JSON.stringify(apiRun({ status: '?' })).replaceAll('"?"', long)}],"hasMore":false}`;
  const server = await startServer(text(page));
  const { rejected } = await createSource(server).source.listRuns('mon_1', null);
  expect(rejected[0]?.reason).toContain('status: Invalid input');
  expect(toJsonText(rejected[0]?.payload)).toContain(`"status":${long}`);
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isStorable, isTooDeep, tooDeepMark, toStorable } from '../../src/exa/records/storable-json.ts';

/** Any JSON, with NULs and surrogates, lone and in pairs, in strings and keys. */
const anyText = fc.string({
  unit: fc.constantFrom('\0', '\uD83D', '\uDE00', '😀', 'a', '\uFFFD', '\u0001', '__proto__'),
});
const anyJson = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    anyText,
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value')),
    fc.dictionary(anyText, tie('value')),
  ),
})).value;

/** What Postgres refuses, said in another way than the code says it: JSON escapes lone surrogates and NUL. */
function isRefused(value: unknown): boolean {
  return /(?<!\\)(\\\\)*\\u(0000|d[89a-f])/.test(JSON.stringify(value) ?? '');
}

function nested(levels: number): unknown {
  return levels === 0 ? 'bottom' : [nested(levels - 1)];
}

describe('text that Postgres refuses', () => {
  test('is told from text that it takes', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(isStorable(value)).toBe(!isRefused(value) && !hasInfinity(value));
      }),
    );
  });

  test('is gone from the copy, at any depth and in keys', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect([isStorable(toStorable(value)), isRefused(toStorable(value))]).toEqual([true, false]);
      }),
    );
  });

  test('is all that the copy changes', () => {
    fc.assert(
      fc.property(
        anyJson.filter((value) => isStorable(value)),
        (value) => {
          expect(JSON.stringify(toStorable(value))).toBe(JSON.stringify(value));
        },
      ),
    );
  });

  test('becomes U+FFFD, one for one; pairs stay', () => {
    expect(toStorable({ 'k\0': ['\uD800a\uDC00', '😀', '\0\0'] })).toEqual({
      'k\uFFFD': ['\uFFFDa\uFFFD', '😀', '\uFFFD\uFFFD'],
    });
  });

  test('a field called __proto__ is data', () => {
    const value: unknown = JSON.parse('{"__proto__": "a\\u0000"}');
    expect(JSON.stringify(toStorable(value))).toBe('{"__proto__":"a\uFFFD"}');
  });
});

describe('nesting', () => {
  test('is kept down to 100 levels and cut off below', () => {
    expect([isStorable(nested(100)), isTooDeep(nested(100))]).toEqual([true, false]);
    expect([isStorable(nested(101)), isTooDeep(nested(101))]).toEqual([false, true]);
    expect(JSON.stringify(toStorable(nested(101)))).toContain(tooDeepMark);
    expect(isStorable(toStorable(nested(101)))).toBe(true);
  });

  test('of a hundred thousand levels overflows no stack', () => {
    const value: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect([isStorable(value), isTooDeep(value)]).toEqual([false, true]);
    expect(isStorable(toStorable(value))).toBe(true);
  });
});

test('a number that overflows becomes null, as JSON would write it', () => {
  const value: unknown = JSON.parse('{"n": 1e999}');
  expect(isStorable(value)).toBe(false);
  expect(toStorable(value)).toEqual({ n: null });
});

function hasInfinity(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasInfinity);
}

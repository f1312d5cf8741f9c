import { describe, expect, test } from 'vitest';
import { parseWebsetsRun } from '../../src/exa/records/websets-run.ts';
import { tooDeepMark } from '../../src/exa/records/storable-json.ts';
import { apiRun } from './exa-objects.ts';

const parse = (fields: Record<string, unknown>) => parseWebsetsRun(apiRun(fields), 'mon_1');
const reasonOf = (fields: Record<string, unknown>) => parse(fields).rejected?.reason;

describe('a run', () => {
  test('keeps every field as it was sent', () => {
    expect(parse({}).run).toEqual({
      id: 'run_1',
      monitorId: 'mon_1',
      status: 'completed',
      type: 'search',
      createdAt: '2026-01-02T03:04:05.123456Z',
      updatedAt: '2026-01-02T03:05:00.123456Z',
      completedAt: '2026-01-02T03:05:00.123456Z',
      failedAt: null,
      failedReason: null,
      canceledAt: null,
      extra: null,
      startedAt: null,
      output: null,
    });
  });

  test('a new status, type and fields are data', () => {
    const { run } = parse({
      status: 'paused',
      type: 'digest',
      cost: { dollars: 0.5 },
      tags: ['a'],
      none: null,
    });
    expect(run).toMatchObject({ status: 'paused', type: 'digest' });
    expect(run?.extra).toEqual({ cost: { dollars: 0.5 }, tags: ['a'], none: null });
  });

  test('an extra field called __proto__ is data as well', () => {
    const payload: unknown = JSON.parse(JSON.stringify(apiRun()).replace('{', '{"__proto__":{"a":1},'));
    expect(JSON.stringify(parseWebsetsRun(payload, 'mon_1').run?.extra)).toBe('{"__proto__":{"a":1}}');
  });

  test('missing nullable fields are null', () => {
    const { completedAt: _1, failedAt: _2, failedReason: _3, canceledAt: _4, ...rest } = apiRun();
    expect(parseWebsetsRun(rest, 'mon_1').run).toMatchObject({
      completedAt: null,
      failedAt: null,
      failedReason: null,
      canceledAt: null,
    });
  });

  test('a megabyte of reason is a reason', () => {
    expect(parse({ failedReason: 'x'.repeat(1_000_000) }).run?.failedReason).toHaveLength(1_000_000);
  });

  test('refused characters are replaced, keys of extra fields included', () => {
    const { run } = parse({ failedReason: 'a\0b\uD800', note: { 'k\0': '\uDC00' } });
    expect(run?.failedReason).toBe('a\uFFFDb\uFFFD');
    expect(run?.extra).toEqual({ note: { 'k\uFFFD': '\uFFFD' } });
  });

  test('ids that need escaping in a path are ids', () => {
    const id = `a/b%20?c#d'e"`;
    expect(parse({ id }).run?.id).toBe(id);
  });
});

describe('a run is rejected, and the reason names the field', () => {
  test.each([
    [{ id: '' }, 'id: is empty'],
    [{ id: 7 }, 'id: Invalid input: expected string, received number'],
    [{ id: 'ä'.repeat(251) }, 'id: is longer than 500 bytes'],
    [{ monitorId: 'mon_2' }, 'monitorId: belongs to monitor mon_2'],
    [{ monitorId: undefined }, 'monitorId: Invalid input: expected string, received undefined'],
    [{ status: null }, 'status: Invalid input: expected string, received null'],
    [{ status: 'x'.repeat(101) }, 'status: is longer than 100 characters'],
    [{ type: 'x'.repeat(101) }, 'type: is longer than 100 characters'],
    [{ createdAt: null }, 'createdAt: Invalid input: expected string, received null'],
    [
      { createdAt: '2026-02-30T00:00:00Z' },
      'createdAt: "2026-02-30T00:00:00Z" is not a date-time that can be stored',
    ],
    [{ updatedAt: 'soon\n' }, 'updatedAt: "soon " is not a date-time that can be stored'],
    [{ completedAt: '' }, 'completedAt: "" is not a date-time that can be stored'],
    [{ failedAt: 1 }, 'failedAt: Invalid input: expected string, received number'],
    [{ canceledAt: 'infinity' }, 'canceledAt: "infinity" is not a date-time that can be stored'],
    [{ failedReason: { code: 1 } }, 'failedReason: Invalid input: expected string, received object'],
    [{ id: 'a\0' }, 'id: holds characters that Postgres refuses'],
    [{ monitorId: 'mon_1\uD800' }, 'monitorId: holds characters that Postgres refuses'],
  ])('%j', (fields, reason) => {
    expect(reasonOf(fields)).toBe(reason);
  });

  test('all that is wrong is said, in one line', () => {
    const reason = reasonOf({ status: 1, createdAt: 'no\u2028'.repeat(100) });
    expect(reason).toMatch(/^status: .*; createdAt: .{1,110}$/);
  });

  test('ids of exactly 500 bytes are still ids', () => {
    expect(parse({ id: 'ä'.repeat(250) }).run).not.toBeNull();
  });

  test.each([[null], ['text'], [5], [[]], [true]])('%j is not even an object', (payload) => {
    const { rejected } = parseWebsetsRun(payload, 'mon_1');
    expect(rejected?.reason).toBe('is not an object');
    expect(rejected).toMatchObject({ monitorId: 'mon_1', payload });
  });
});

describe('what is kept of a rejected run', () => {
  test('its id is the key, the payload has what Postgres takes', () => {
    expect(parse({ createdAt: 'never\0' }).rejected).toMatchObject({
      key: 'run_1',
      monitorId: 'mon_1',
      payload: { ...apiRun(), createdAt: 'never\uFFFD' },
    });
  });

  test.each([[{ id: '' }], [{ id: null }], [{ id: 'x'.repeat(501) }], [{ id: 'a\0' }]])(
    'without a usable id (%j) the key is a digest of the payload, the same each time',
    (fields) => {
      const key = parse(fields).rejected?.key;
      expect(key).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(parse(fields).rejected?.key).toBe(key);
      expect(parse({ ...fields, status: 'failed' }).rejected?.key).not.toBe(key);
    },
  );

  test('a payload that is nested too deep is cut off', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`);
    const { rejected } = parse({ deep });
    expect(rejected).toMatchObject({ key: 'run_1', reason: 'is nested too deep' });
    expect(JSON.stringify(rejected?.payload)).toContain(tooDeepMark);
  });
});

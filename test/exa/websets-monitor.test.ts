import { describe, expect, test } from 'vitest';
import { parseWebsetsMonitor } from '../../src/exa/records/websets-monitor.ts';
import { apiMonitor, apiRun } from './exa-objects.ts';

const parse = (fields: Record<string, unknown>) => parseWebsetsMonitor(apiMonitor(fields));

describe('a monitor', () => {
  test('keeps every field; of its last run what tells one state from another', () => {
    expect(parse({}).monitor).toEqual({
      id: 'mon_1',
      websetId: 'ws_1',
      status: 'enabled',
      cadenceCron: '0 9 * * *',
      cadenceTimezone: 'Europe/Berlin',
      behavior: { type: 'search', config: { count: 10 } },
      metadata: { team: 'growth' },
      lastRun: {
        id: 'run_1',
        status: 'completed',
        createdAt: '2026-01-02T03:04:05.123456Z',
        updatedAt: '2026-01-02T03:05:00.123456Z',
      },
      nextRunAt: '2026-01-03T09:00:00Z',
      createdAt: '2026-01-01T00:00:00Z',
      updatedAt: '2026-01-02T00:00:00Z',
      extra: null,
      name: null,
      trigger: null,
      outputSchema: null,
    });
  });

  test('new fields are kept, those of the cadence as well', () => {
    const cadence = { cron: '0 9 * * *', timezone: 'UTC', jitter: 5 };
    expect(parse({ name: 'News', cadence }).monitor?.extra).toEqual({ name: 'News', cadence: { jitter: 5 } });
  });

  test('the time zone is UTC unless it is said', () => {
    expect(parse({ cadence: { cron: '0 9 * * *' } }).monitor?.cadenceTimezone).toBe('Etc/UTC');
  });

  test('missing things have a harmless default', () => {
    const { monitor } = parseWebsetsMonitor({ id: 'mon_1', createdAt: '2026-01-01T00:00:00Z' });
    expect(monitor).toEqual({
      id: 'mon_1',
      websetId: '',
      status: 'unknown',
      cadenceCron: '',
      cadenceTimezone: 'Etc/UTC',
      behavior: {},
      metadata: {},
      lastRun: null,
      nextRunAt: null,
      createdAt: '2026-01-01T00:00:00Z',
      updatedAt: '2026-01-01T00:00:00Z',
      extra: null,
      name: null,
      trigger: null,
      outputSchema: null,
    });
  });

  test('what cannot be read is replaced by the default and kept beside', () => {
    const wrong = {
      behavior: 'x',
      metadata: [1],
      nextRunAt: 'soon',
      cadence: 5,
      status: 1,
      updatedAt: 'then',
    };
    const { monitor } = parse(wrong);
    expect(monitor).toMatchObject({
      behavior: {},
      metadata: {},
      nextRunAt: null,
      cadenceCron: '',
      status: 'unknown',
    });
    expect(monitor?.extra).toEqual(wrong);
  });

  test.each([
    ['null', null],
    ['missing', undefined],
    ['without an id', apiRun({ id: null })],
    ['with a wrong date', apiRun({ updatedAt: 'then' })],
    ['not an object', 'run_1'],
  ])('a last run that is %s is no evidence', (_what, lastRun) => {
    const { monitor } = parse({ lastRun });
    expect(monitor?.lastRun).toBeNull();
    expect(monitor?.extra).toBeNull();
  });

  test('refused characters are replaced', () => {
    expect(parse({ metadata: { 'k\0': '\uD800' } }).monitor?.metadata).toEqual({ 'k\uFFFD': '\uFFFD' });
  });
});

describe('a record that is no monitor', () => {
  test.each([
    [{ id: '' }, null, 'id: is empty'],
    [{ id: 'm\0' }, null, 'id: holds characters that Postgres refuses'],
    [{ id: undefined }, null, 'id: Invalid input: expected string, received undefined'],
    [{ createdAt: 'then' }, 'mon_1', 'createdAt: "then" is not a date-time that can be stored'],
  ])('%j is unreadable, with its id if there is one', (fields, id, reason) => {
    expect(parse(fields)).toEqual({ monitor: null, unreadable: { id, reason } });
  });

  test('so is something else than an object, and one that is nested too deep', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`);
    expect(parseWebsetsMonitor(null).unreadable).toEqual({ id: null, reason: 'is not an object' });
    expect(parse({ metadata: { deep } }).unreadable).toEqual({ id: 'mon_1', reason: 'is nested too deep' });
  });
});

import { describe, expect, test } from 'vitest';
import { createSearchRunParser } from '../../src/exa/records/search-run.ts';
import { parseSearchMonitor } from '../../src/exa/records/search-monitor.ts';
import { apiSearchMonitor, apiSearchRun } from './exa-objects.ts';

const runOf = (fields: Record<string, unknown>, outputs: 'none' | 'summary' | 'everything' = 'everything') =>
  createSearchRunParser(outputs)(apiSearchRun(fields), 'mon_1').run;

describe('a run of a Search Monitor', () => {
  test('is spelled as all runs are', () => {
    expect(runOf({ durationMs: 1234 })).toEqual({
      id: 'run_1',
      monitorId: 'mon_1',
      status: 'completed',
      type: null,
      createdAt: '2026-01-02T03:04:05.123Z',
      updatedAt: '2026-01-02T03:05:00.123Z',
      startedAt: '2026-01-02T03:04:05.123Z',
      completedAt: '2026-01-02T03:05:00.123Z',
      failedAt: null,
      failedReason: null,
      canceledAt: null,
      extra: { durationMs: 1234 },
      output: null,
    });
  });

  test.each([
    ['pending', 'created'],
    ['cancelled', 'canceled'],
    ['canceled', 'canceled'],
    ['running', 'running'],
    ['expired', 'expired'],
  ])('the status %s is %s', (sent, kept) => {
    expect(runOf({ status: sent })?.status).toBe(kept);
  });

  test('tells why it failed and when it was canceled', () => {
    const fields = { failReason: 'source_not_available', cancelledAt: '2026-01-02T03:05:00.123Z' };
    expect(runOf(fields)).toMatchObject({
      failedReason: 'source_not_available',
      canceledAt: '2026-01-02T03:05:00.123Z',
    });
  });

  test('of another monitor, or with a time that cannot be stored, is rejected', () => {
    const parse = createSearchRunParser('summary');
    expect(parse(apiSearchRun({}), 'mon_2').rejected?.reason).toBe('monitorId: belongs to monitor mon_1');
    expect(parse(apiSearchRun({ startedAt: 'then' }), 'mon_1').rejected?.reason).toContain(
      'startedAt: "then"',
    );
  });
});

const result = {
  id: 'https://a.example/1',
  url: 'https://a.example/1',
  title: 'One',
  publishedDate: '2026-07-01 15:35:51.000000000',
  author: 'A',
  image: 'https://a.example/1.png',
  text: 'long',
  subpages: [{ url: 'https://a.example/2', text: 'longer' }],
};

describe('what a run found', () => {
  const grounding = [
    { field: 'content', citations: [{ url: 'https://b.example', title: 'B' }], confidence: 'low' },
  ];

  test('is kept whole, page text included, when everything is wished for', () => {
    expect(runOf({ output: { results: [result], content: { a: [1] }, grounding } })?.output).toEqual({
      content: { a: [1] },
      grounding,
      results: [
        {
          url: 'https://a.example/1',
          title: 'One',
          published: '2026-07-01 15:35:51.000000000',
          author: 'A',
          text: 'long',
          extra: { image: 'https://a.example/1.png', subpages: result.subpages },
        },
      ],
    });
  });

  test('a summary leaves the text of pages out, of pages below them too', () => {
    const output = runOf({ output: { results: [result] } }, 'summary')?.output;
    expect(output?.results[0]).toMatchObject({ title: 'One', text: null });
    expect(output?.results[0]?.extra).toEqual({
      image: result.image,
      subpages: [{ url: 'https://a.example/2' }],
    });
  });

  test('is not kept when nothing is wished for', () => {
    expect(runOf({ output: { results: [result], cost: 1 } }, 'none')).toMatchObject({
      output: null,
      extra: null,
    });
  });

  test.each([
    [null, null],
    [undefined, null],
    [{}, { content: null, grounding: null, results: [] }],
    [
      { results: null, content: null, grounding: null },
      { content: null, grounding: null, results: [] },
    ],
    [{ content: 'text' }, { content: 'text', grounding: null, results: [] }],
    [{ content: [1, null] }, { content: [1, null], grounding: null, results: [] }],
    [
      { content: 5, results: [] },
      { content: 5, grounding: null, results: [] },
    ],
  ])('the output %j is read', (sent, kept) => {
    expect(runOf({ output: sent })?.output).toEqual(kept);
  });

  test('what has no place stays with the run: nothing is lost', () => {
    expect(runOf({ output: { results: { a: 1 }, cost: 2 } })).toMatchObject({
      output: { results: [] },
      extra: { output: { results: { a: 1 }, cost: 2 } },
    });
    expect(runOf({ output: 'done' })).toMatchObject({ output: null, extra: { output: { value: 'done' } } });
  });

  test('results are free objects, each in its place', () => {
    const sent = ['https://a.example', { url: 5, title: null, score: 0.5 }, null, { id: 'x', url: 'y' }];
    expect(runOf({ output: { results: sent } })?.output?.results).toMatchObject([
      { url: null, extra: { value: 'https://a.example' } },
      { url: null, title: null, extra: { url: 5, score: 0.5 } },
      { url: null, extra: { value: null } },
      { url: 'y', extra: { id: 'x' } },
    ]);
  });
});

describe('a Search Monitor', () => {
  test('is told in the words of all monitors; where its deliveries go is never kept', () => {
    expect(parseSearchMonitor(apiSearchMonitor({ plan: 'new' })).monitor).toEqual({
      id: 'mon_1',
      websetId: null,
      status: 'active',
      cadenceCron: null,
      cadenceTimezone: null,
      behavior: { query: 'news' },
      metadata: {},
      name: null,
      trigger: { type: 'interval', period: '6h' },
      outputSchema: null,
      lastRun: null,
      nextRunAt: null,
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-01T00:00:00.000Z',
      extra: { plan: 'new' },
    });
  });

  test('an earlier trigger and an object are kept as they come', () => {
    const trigger = { type: 'cron', expression: '0 9 * * *', timezone: 'UTC' };
    const { monitor } = parseSearchMonitor(
      apiSearchMonitor({ trigger, object: 'search_monitor', name: 'N' }),
    );
    expect(monitor).toMatchObject({ trigger, name: 'N', extra: null });
  });

  test('one that runs by hand has no trigger', () => {
    expect(parseSearchMonitor(apiSearchMonitor({ trigger: null })).monitor?.trigger).toBeNull();
  });
});

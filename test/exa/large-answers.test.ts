/** Answers that are larger, or fuller, than a page should be. */
import { describe, expect, test } from 'vitest';
import { createDispatcher } from '../../src/exa/http/dispatcher.ts';
import { createHttpGet } from '../../src/exa/http/http-get.ts';
import { ListLimits } from '../../src/exa/list-limits.ts';
import { SkipMonitorError } from '../../src/sync/errors.ts';
import { apiRun } from './exa-objects.ts';
import { startServer, text, type Reply } from './scripted-server.ts';
import { createSource, failureOf } from './source-under-test.ts';

/** A list of runs of which each weighs so many bytes, served as asked for. */
const runsOf =
  (runs: number, bytes: number): Reply =>
  (response, request) => {
    const query = new URL(request.url ?? '', 'http://host').searchParams;
    const from = Number(query.get('cursor') ?? '0');
    const to = Math.min(runs, from + Number(query.get('limit')));
    const data = Array.from({ length: to - from }, (_, index) =>
      apiRun({ id: `run_${from + index}`, failedReason: 'x'.repeat(bytes) }),
    );
    const hasMore = to < runs;
    response.end(JSON.stringify({ data, hasMore, nextCursor: hasMore ? String(to) : null }));
  };

const endless: Reply = (response) => {
  const write = (): void => {
    if (!response.destroyed) response.write('x'.repeat(65_536), () => setImmediate(write));
  };
  write();
};

const limitsOf = (server: { asked: { url: string }[] }) =>
  server.asked.map(({ url }) => Number(new URL(url, 'http://host').searchParams.get('limit')));

describe('a list of large runs', () => {
  test('is asked for in smaller pages, after a page that was cut off as well', async () => {
    const server = await startServer(runsOf(40, 500_000));
    const { source } = createSource(server, { maxResponseBytes: 8_000_000 });
    const ids: string[] = [];
    for (let cursor: string | null = null, more = true; more;) {
      const page = await source.listRuns('mon_1', cursor);
      ids.push(...page.runs.map(({ id }) => id));
      cursor = page.nextCursor;
      more = page.hasMore;
    }
    expect(ids).toEqual(Array.from({ length: 40 }, (_, index) => `run_${index}`));
    expect(limitsOf(server).slice(0, 4)).toEqual([200, 25, 3, 4]);
  });

  test('is remembered by the next cycle, and forgotten when its runs are small again', async () => {
    const limits = new ListLimits();
    const server = await startServer(runsOf(200, 70_000), runsOf(200, 70_000), runsOf(200, 10));
    const page = async () => createSource(server, { limits }).source.listRuns('mon_1', null);
    for (let cycle = 0; cycle < 6; cycle += 1) await page();
    expect(limitsOf(server)).toEqual([200, 25, 29, 116, 200, 200, 200]);
  });
});

test(
  'a page of very many small values is refused before it becomes objects',
  { timeout: 60_000 },
  async () => {
    const server = await startServer(text(`{"data":[${'1,'.repeat(6_000_000)}1],"hasMore":false}`));
    const before = process.memoryUsage().heapUsed;
    const error = await failureOf(createSource(server).source.listRuns('mon_1', null));
    expect(error).toBeInstanceOf(SkipMonitorError);
    expect(error.message).toContain('larger than allowed: it holds more than 500000 values');
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200_000_000);
  },
);

test('more records than any page has are refused', async () => {
  const server = await startServer(text(`{"data":[${'1,'.repeat(10_000)}1],"hasMore":false}`));
  const error = await failureOf(createSource(server).source.listRuns('mon_1', null));
  expect(error.message).toContain('larger than allowed: it has 10001 records');
});

test('of several large bodies one is read at a time', async () => {
  const chunk = 'x'.repeat(65_536);
  let [now, most] = [0, 0];
  const large: Reply = (response) => {
    let left = 100;
    const write = (): void => {
      left -= 1;
      if (left === 0) response.end();
      else response.write(chunk, () => setImmediate(write));
    };
    write();
  };
  const server = await startServer(large);
  const get = createHttpGet(createDispatcher({}));
  const read = async (): Promise<number> => {
    const { body } = await get(server.baseUrl, { headers: {}, signal: new AbortController().signal });
    let bytes = 0;
    let isLarge = false;
    for await (const part of body) {
      bytes += part.byteLength;
      if (bytes > 2 * 1024 * 1024 && !isLarge) {
        isLarge = true;
        most = Math.max(most, (now += 1));
      }
    }
    now -= 1;
    return bytes;
  };
  const sizes = await Promise.all([read(), read(), read(), read()]);
  expect(sizes).toEqual(Array.from({ length: 4 }, () => 99 * chunk.length));
  expect(most).toBe(1);
});

test('a large body that is given up gives the next one its turn', async () => {
  const server = await startServer(endless);
  const get = createHttpGet(createDispatcher({}));
  for (let turn = 0; turn < 3; turn += 1) {
    const { body } = await get(server.baseUrl, { headers: {}, signal: new AbortController().signal });
    let bytes = 0;
    for await (const part of body) if ((bytes += part.byteLength) > 3_000_000) break;
    expect(bytes).toBeGreaterThan(3_000_000);
  }
  expect(server.asked).toHaveLength(3);
});

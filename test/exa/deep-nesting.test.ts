/** JSON that nests deeper than any stack: its parser does not mind, whatever reads it afterwards could. */
import { expect, test } from 'vitest';
import { AnswerRefusedError } from '../../src/exa/http/errors.ts';
import { apiMonitor, apiRun } from './exa-objects.ts';
import { startServer, text } from './scripted-server.ts';
import { createSource, failureOf } from './source-under-test.ts';

const levels = 50_000;
const deepLists = '['.repeat(levels) + ']'.repeat(levels);
const deepObjects = '{"error":'.repeat(levels) + 'null' + '}'.repeat(levels);

/** `JSON.stringify` overflows where `JSON.parse` does not. */
function withDeep(record: Record<string, unknown>, field: string, deep: string): string {
  return `${JSON.stringify(record).slice(0, -1)},${JSON.stringify(field)}:${deep}}`;
}

const pageOf = (...records: readonly string[]) => text(`{"data":[${records.join(',')}],"hasMore":false}`);

test.each([
  ['a field that nobody knows', withDeep(apiRun({ id: 'deep' }), 'note', deepLists)],
  ['a known field', withDeep(apiRun({ id: 'deep' }), 'failedReason', deepObjects)],
  ['an id', withDeep(apiRun(), 'id', deepLists)],
  ['a run that is a list', deepLists],
])('%s of a run costs that run only', async (_where, deep) => {
  const server = await startServer(
    pageOf(JSON.stringify(apiRun({ id: 'before' })), deep, JSON.stringify(apiRun({ id: 'after' }))),
  );
  const { runs, rejected } = await createSource(server).source.listRuns('mon_1', null);
  expect(runs.map(({ id }) => id)).toEqual(['before', 'after']);
  expect(rejected).toHaveLength(1);
  // What is kept of it can be written to a database.
  expect(JSON.stringify(rejected[0]?.payload).length).toBeLessThan(10_000);
});

test.each([
  ['metadata', deepLists],
  ['behavior', deepObjects],
  ['lastRun', deepObjects],
  ['cadence', deepLists],
  ['surprise', deepObjects],
])('%s of a monitor costs that monitor only', async (field, deep) => {
  const server = await startServer(
    pageOf(withDeep(apiMonitor({ id: 'deep' }), field, deep), JSON.stringify(apiMonitor())),
  );
  const { monitors, unreadable } = await createSource(server).source.listMonitors(null);
  expect(monitors.map(({ id }) => id)).toEqual(['mon_1']);
  expect(unreadable).toEqual([{ id: 'deep', reason: 'is nested too deep' }]);
});

test('a run and a monitor that are asked for by id are judged as in a list', async () => {
  const server = await startServer(
    text(withDeep(apiRun(), 'note', deepLists)),
    text(withDeep(apiMonitor(), 'metadata', deepLists)),
  );
  const { source } = createSource(server);
  expect((await source.getRun('mon_1', 'run_1')).rejected?.reason).toBe('is nested too deep');
  expect((await failureOf(source.getMonitor('mon_1'))).message).toContain('is nested too deep');
});

test.each([
  ['a cursor', `{"data":[],"hasMore":true,"nextCursor":${deepLists}}`],
  ['a page', deepLists],
])('%s is another attempt', async (_where, body) => {
  const server = await startServer(text(body), pageOf());
  const { source, time } = createSource(server);
  expect((await time.until(source.listRuns('mon_1', null))).runs).toEqual([]);
  expect(source.traffic().retries).toBe(1);
});

test.each([deepLists, deepObjects])('an error answer is an error answer', async (body) => {
  const server = await startServer(text(body, 422));
  const error = await failureOf(createSource(server).source.listRuns('mon_1', null));
  expect(error).toBeInstanceOf(AnswerRefusedError);
});

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import parsePrometheusTextFormat from 'parse-prometheus-text-format';
import { expect, test } from 'vitest';
import {
  describeMetricsAsMarkdown,
  metricDefinition,
  metricNames,
  metricPrefix,
} from '../../src/schedule/http/metric-table.ts';
import { Metrics } from '../../src/schedule/http/metrics.ts';
import type { WarehouseHealth } from '../../src/warehouse/reads/load-health.ts';
import { replaceSection } from '../config/replace-section.ts';
import { cycleResult } from './cycle-results.ts';

const clock = { now: () => Date.parse('2026-03-10T12:00:00Z') };
const source = { id: 1, account: 'default', api: 'websets' };
const sources = [
  { account: 'default', api: 'websets' },
  { account: 'eu', api: 'search' },
];
const ofDefault = sources[0];
const health: WarehouseHealth = {
  lastSuccessAt: '2026-03-10T11:30:00Z',
  lastReadAt: '2026-03-10T11:45:00Z',
  lastCycle: null,
  sources: [
    { account: 'default', api: 'websets', lastReadAt: '2026-03-10T11:45:00Z', isUnavailable: false },
    { account: 'eu', api: 'search', lastReadAt: null, isUnavailable: false },
    { account: 'removed', api: 'search', lastReadAt: null, isUnavailable: false },
  ],
  openRuns: 7,
};

/** A cycle over this many monitors, a few of which fail. */
function observeCycle(metrics: Metrics, monitors: number): void {
  metrics.observeCycle({ type: 'cycle-opened', cycleId: 1, trigger: 'schedule', numbersRaised: false });
  metrics.observeCycle({ source, type: 'monitors-listed', monitors });
  metrics.observeCycle({
    source,
    type: 'planned',
    decisions: { skip: 1, resume: 0, incremental: monitors - 1, full: 0, since: 0 },
  });
  for (let index = 0; index < monitors; index += 1) {
    const monitorId = `monitor_${index}`;
    metrics.observeRequest({
      account: 'default',
      api: 'websets',
      type: 'request',
      endpoint: 'list_runs',
      statusClass: index % 2 === 0 ? '2xx' : '5xx',
      status: index % 2 === 0 ? 200 : 500 + (index % 60),
      durationMs: 120,
      serverDate: null,
    });
    const of = { account: 'default', api: 'websets' };
    metrics.observeRequest({
      ...of,
      type: 'retry',
      endpoint: 'list_runs',
      reason: 'http_5xx',
      delayMs: 10,
    });
    metrics.observeRequest({ ...of, type: 'wait', ms: 250, why: 'rate' });
    const counts = { inserted: 2, updated: 1, unchanged: 3, rejected: 1 };
    metrics.observeCycle({ source, type: 'answer-saved', monitorId, ...counts });
    metrics.observeCycle({ source, type: 'monitor-failed', monitorId, error: new Error(`no ${monitorId}`) });
  }
  const { outcome } = cycleResult('succeeded');
  const ended = { ...outcome, source, status: 'partial' } as const;
  metrics.observeCycle({ source, type: 'source-ended', outcome: ended });
  metrics.observeCycle({ type: 'cycle-closed', cycleId: 1, outcome, durationMs: 2000 });
}

async function countSeries(metrics: Metrics): Promise<number> {
  const text = await metrics.render(health, clock);
  return text.split('\n').filter((line) => !line.startsWith('#')).length;
}

async function readSamples(metrics: Metrics, given: WarehouseHealth | null = health) {
  const families = parsePrometheusTextFormat(await metrics.render(given, clock));
  return new Map(families.map(({ name, metrics: samples }) => [name, samples]));
}

test('what is rendered parses, and says what has happened', async () => {
  const metrics = new Metrics(sources);
  observeCycle(metrics, 4);
  const samples = await readSamples(metrics);

  const find = (name: string) => samples.get(`${metricPrefix}${name}`);
  expect(find('cycles_total')).toContainEqual({ value: '1', labels: { status: 'succeeded' } });
  expect(find('cycles_total')).toContainEqual({ value: '0', labels: { status: 'failed' } });
  expect(find('api_requests_total')).toContainEqual({
    value: '2',
    labels: { ...ofDefault, endpoint: 'list_runs', status_class: '5xx' },
  });
  expect(find('api_retries_total')).toContainEqual({
    value: '4',
    labels: { ...ofDefault, reason: 'http_5xx' },
  });
  expect(find('api_wait_seconds_total')).toContainEqual({ value: '1', labels: { reason: 'rate' } });
  expect(find('runs_total')).toContainEqual({ value: '8', labels: { ...ofDefault, outcome: 'inserted' } });
  expect(find('monitors')).toContainEqual({
    value: '3',
    labels: { ...ofDefault, decision: 'incremental' },
  });
  expect(find('monitor_failures_total')).toEqual([
    { value: '4', labels: ofDefault },
    { value: '0', labels: sources[1] },
  ]);
  expect(find('source_cycles_total')).toContainEqual({
    value: '1',
    labels: { ...ofDefault, status: 'partial' },
  });
  expect(find('source_last_read_timestamp_seconds')).toEqual([
    { value: '1773143100', labels: ofDefault },
    { value: '0', labels: sources[1] },
  ]);
  expect(find('cycle_duration_seconds')).toMatchObject([{ count: '1', sum: '2' }]);
  expect(find('lock_held')).toEqual([{ value: '0' }]);
  expect(find('warehouse_up')).toEqual([{ value: '1' }]);
  expect(find('last_success_age_seconds')).toEqual([{ value: '1800' }]);
  expect(find('last_success_timestamp_seconds')).toEqual([{ value: '1773142200' }]);
  expect(find('last_read_timestamp_seconds')).toEqual([{ value: '1773143100' }]);
  expect(find('open_runs')).toEqual([{ value: '7' }]);
});

test('the lock counts as held while a cycle runs', async () => {
  const metrics = new Metrics(sources);
  metrics.observeCycle({ type: 'cycle-opened', cycleId: 1, trigger: 'schedule', numbersRaised: false });

  expect((await readSamples(metrics)).get(`${metricPrefix}lock_held`)).toEqual([{ value: '1' }]);
});

test('before the first success its age is infinite', async () => {
  const text = await new Metrics(sources).render({ ...health, lastSuccessAt: null, lastReadAt: null }, clock);

  expect(text).toMatch(/^exa_monitor_sync_last_success_age_seconds \+Inf$/m);
  expect(text).toMatch(/^exa_monitor_sync_last_read_timestamp_seconds 0$/m);
});

test('a warehouse that does not answer takes its metrics away, and brings them back', async () => {
  const metrics = new Metrics(sources);
  await metrics.render(health, clock);
  const text = await metrics.render(null, clock);

  expect(text).toMatch(/^exa_monitor_sync_warehouse_up 0$/m);
  expect(text).not.toMatch(/^exa_monitor_sync_(source_last_\w*|last_\w*|open_runs)[ {]/m);
  expect(await metrics.render(health, clock)).toMatch(/^exa_monitor_sync_open_runs 7$/m);
});

test('a source that its account may not use has no time of its last reading', async () => {
  const metrics = new Metrics(sources);
  const name = `${metricPrefix}source_last_read_timestamp_seconds`;
  expect((await readSamples(metrics)).get(name)).toHaveLength(2);
  const now = health.sources.map((one) => ({ ...one, isUnavailable: one.account === 'eu' }));
  expect((await readSamples(metrics, { ...health, sources: now })).get(name)).toEqual([
    expect.objectContaining({ labels: ofDefault }),
  ]);
});

test('the number of series does not grow with the monitors', async () => {
  const [few, many] = [new Metrics(sources), new Metrics(sources)];
  observeCycle(few, 2);
  observeCycle(many, 2000);

  expect(await countSeries(many)).toBe(await countSeries(few));
});

test('failed cycles in a row are shown, those before the process included', async () => {
  const metrics = new Metrics(sources);
  metrics.setFailedInARow(1);
  metrics.observeEnd({ result: null, error: new Error('no database'), failedInARow: 2 });
  const inARow = async () => (await readSamples(metrics)).get(`${metricPrefix}failed_cycles_in_a_row`);

  expect(await inARow()).toEqual([{ value: '2' }]);
  metrics.observeEnd({ result: cycleResult('partial'), error: null, failedInARow: 0 });
  expect(await inARow()).toEqual([{ value: '0' }]);
});

test('names follow the conventions of Prometheus', () => {
  for (const name of metricNames) {
    const { type, labels } = metricDefinition(name);
    expect(name).toMatch(/^[a-z][a-z_]*$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|hours)(_|$)/);
    for (const label of Object.keys(labels)) expect(label).toMatch(/^[a-z][a-z_]*$/);
  }
});

test('docs/metrics.md lists them as the table of metrics says', async () => {
  const path = fileURLToPath(new URL('../../docs/metrics.md', import.meta.url));
  const expected = replaceSection(await readFile(path, 'utf8'), 'metrics', describeMetricsAsMarkdown());

  await expect(expected).toMatchFileSnapshot(path);
});

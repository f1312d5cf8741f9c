import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { RequestEvent } from '../../exa/http/request-event.ts';
import type { CycleEvent } from '../../sync/cycle-events.ts';
import type { Clock } from '../../sync/ports.ts';
import type { WarehouseHealth } from '../../warehouse/reads/load-health.ts';
import { metricDefinition, metricNames, metricPrefix, type MetricName } from './metric-table.ts';
import type { CycleEnd, SkippedFiring } from '../service.ts';

type Labels = Readonly<Record<string, string>>;

/** Which source a series is of. */
export type SourceLabels = Readonly<Record<'account' | 'api', string>>;

/** What only the warehouse can tell. */
const healthMetrics = [
  'last_success_timestamp_seconds',
  'last_success_age_seconds',
  'last_read_timestamp_seconds',
  'source_last_read_timestamp_seconds',
  'open_runs',
] as const satisfies readonly MetricName[];

/** Counts what the service does, in a registry of its own. The methods are observers: they never throw. */
export class Metrics {
  readonly registry = new Registry();
  readonly #sources: readonly SourceLabels[];
  readonly #metrics: ReadonlyMap<MetricName, Counter | Gauge | Histogram>;

  /** @param sources those that are configured; their series are there from the start. */
  constructor(sources: readonly SourceLabels[]) {
    this.#sources = sources;
    this.#metrics = new Map(metricNames.map((name) => [name, createMetric(name, sources, this.registry)]));
  }

  observeCycle(event: CycleEvent): void {
    switch (event.type) {
      case 'cycle-opened':
        this.#set('lock_held', {}, 1);
        return;
      case 'planned':
        for (const [decision, monitors] of Object.entries(event.decisions)) {
          this.#set('monitors', { ...labelsOf(event.source), decision }, monitors);
        }
        return;
      case 'answer-saved':
        for (const outcome of ['inserted', 'updated', 'unchanged', 'rejected'] as const) {
          this.#count('runs_total', { ...labelsOf(event.source), outcome }, event[outcome]);
        }
        return;
      case 'monitor-failed':
        this.#count('monitor_failures_total', labelsOf(event.source), 1);
        return;
      case 'cycle-closed':
        this.#set('lock_held', {}, 0);
        this.#count('cycles_total', { status: event.outcome.status }, 1);
        this.#measure('cycle_duration_seconds', {}, event.durationMs / 1000);
        return;
      case 'source-ended':
        this.#count('source_cycles_total', { ...labelsOf(event.source), status: event.outcome.status }, 1);
        return;
      case 'monitors-listed':
      case 'monitor-walked':
    }
  }

  observeRequest(event: RequestEvent & SourceLabels): void {
    switch (event.type) {
      case 'request': {
        const { endpoint, statusClass } = event;
        this.#count('api_requests_total', { ...labelsOf(event), endpoint, status_class: statusClass }, 1);
        this.#measure('api_request_duration_seconds', { endpoint }, event.durationMs / 1000);
        return;
      }
      case 'retry':
        this.#count('api_retries_total', { ...labelsOf(event), reason: event.reason }, 1);
        return;
      case 'wait':
        this.#count('api_waits_total', { reason: event.why }, 1);
        this.#count('api_wait_seconds_total', { reason: event.why }, event.ms / 1000);
    }
  }

  /** A cycle that could not even be opened has no event of its own. */
  observeEnd({ result, failedInARow }: CycleEnd): void {
    if (result === null) this.#count('cycles_total', { status: 'failed' }, 1);
    this.setFailedInARow(failedInARow);
  }

  setFailedInARow(count: number): void {
    this.#set('failed_cycles_in_a_row', {}, count);
  }

  observeSkipped(reason: SkippedFiring): void {
    this.#count('firings_skipped_total', { reason }, 1);
  }

  /** @param health null: the warehouse did not answer. */
  async render(health: WarehouseHealth | null, clock: Clock): Promise<string> {
    this.#set('warehouse_up', {}, health === null ? 0 : 1);
    if (health === null) this.#forget(healthMetrics);
    else this.#setHealth(health, clock.now());
    return this.registry.metrics();
  }

  #setHealth(health: WarehouseHealth, nowMs: number): void {
    const successMs = millisecondsOf(health.lastSuccessAt);
    this.#set('last_success_timestamp_seconds', {}, (successMs ?? 0) / 1000);
    const ageMs = successMs === null ? Number.POSITIVE_INFINITY : Math.max(0, nowMs - successMs);
    this.#set('last_success_age_seconds', {}, ageMs / 1000);
    this.#set('last_read_timestamp_seconds', {}, (millisecondsOf(health.lastReadAt) ?? 0) / 1000);
    this.#forget(['source_last_read_timestamp_seconds']);
    // Of a source that is not configured any more nobody waits for news.
    for (const { account, api } of this.#sources) {
      const known = health.sources.find((source) => source.account === account && source.api === api);
      if (known?.isUnavailable === true) continue;
      const seconds = (millisecondsOf(known?.lastReadAt ?? null) ?? 0) / 1000;
      this.#set('source_last_read_timestamp_seconds', { account, api }, seconds);
    }
    this.#set('open_runs', {}, health.openRuns);
  }

  /** A value of which nothing is known now is no value. */
  #forget(names: readonly MetricName[]): void {
    for (const name of names) {
      const metric = this.#metrics.get(name);
      if (!(metric instanceof Gauge)) continue;
      metric.reset();
      // Without labels it is 0 then, which would be a value.
      if (metricDefinition(name).ofSource === undefined) metric.remove();
    }
  }

  #count(name: MetricName, labels: Labels, by: number): void {
    const metric = this.#metrics.get(name);
    if (metric instanceof Counter) metric.inc(labels, by);
  }

  #set(name: MetricName, labels: Labels, value: number): void {
    const metric = this.#metrics.get(name);
    if (metric instanceof Gauge) metric.set(labels, value);
  }

  #measure(name: MetricName, labels: Labels, value: number): void {
    const metric = this.#metrics.get(name);
    if (metric instanceof Histogram) metric.observe(labels, value);
  }
}

function labelsOf({ account, api }: SourceLabels): SourceLabels {
  return { account, api };
}

function millisecondsOf(instant: string | null): number | null {
  return instant === null ? null : Date.parse(instant);
}

/** Every series of a counter is there from the start: a rate can only be told of one that was there before. */
function createMetric(
  name: MetricName,
  sources: readonly SourceLabels[],
  registry: Registry,
): Counter | Gauge | Histogram {
  const { type, help, labels, buckets, ofSource = false } = metricDefinition(name);
  const config = {
    name: metricPrefix + name,
    help: help.replaceAll('`', ''),
    labelNames: [...(ofSource ? ['account', 'api'] : []), ...Object.keys(labels)],
    registers: [registry],
  };
  if (type === 'gauge') return new Gauge(config);
  if (type === 'histogram') return new Histogram({ ...config, buckets: [...(buckets ?? [])] });
  const counter = new Counter(config);
  for (const combination of combine(Object.entries(labels))) {
    for (const source of ofSource ? sources : [{}]) counter.inc({ ...source, ...combination }, 0);
  }
  return counter;
}

function combine(labels: readonly (readonly [string, readonly string[]])[]): readonly Labels[] {
  return labels.reduce<readonly Labels[]>(
    (combinations, [label, values]) =>
      combinations.flatMap((combination) => values.map((value) => ({ ...combination, [label]: value }))),
    [{}],
  );
}

/** Every metric, once. The registry and `docs/metrics.md` come from this table. */
import { renderMarkdownTable } from '../../config/markdown-table.ts';

export const metricPrefix = 'exa_monitor_sync_';

interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Each with all of its values. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
  /** Each source has its own series: labels `account` and `api`. */
  readonly ofSource?: true;
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
}

const endpoint = ['list_monitors', 'get_monitor', 'list_runs', 'get_run', 'get_team'] as const;

const metricTable = {
  cycles_total: {
    type: 'counter',
    help: 'Cycles that this process has run, by how they ended.',
    labels: { status: ['succeeded', 'partial', 'failed', 'interrupted'] },
  },
  cycle_duration_seconds: {
    type: 'histogram',
    help: 'How long cycles took.',
    labels: {},
    buckets: [0.5, 1, 2.5, 5, 10, 30, 60, 150, 300, 600, 1800, 3600, 10_800],
  },
  firings_skipped_total: {
    type: 'counter',
    help: 'Firings of the schedule that started no cycle: the cycle before was running, another process held the lock, or failed cycles held it back.',
    labels: { reason: ['running', 'locked', 'backoff'] },
  },
  failed_cycles_in_a_row: {
    type: 'gauge',
    help: 'Scheduled cycles that have failed since one last did not, those of earlier processes included.',
    labels: {},
  },
  lock_held: {
    type: 'gauge',
    help: "Whether this process holds the warehouse's lock, that is, runs a cycle: 1 or 0.",
    labels: {},
  },
  api_requests_total: {
    type: 'counter',
    help: 'Requests to the API, retries included, by what was asked and what was answered; `error`: no answer came.',
    ofSource: true,
    labels: { endpoint, status_class: ['2xx', '3xx', '4xx', '5xx', 'error'] },
  },
  api_request_duration_seconds: {
    type: 'histogram',
    help: 'How long the API took to answer a request, body included.',
    labels: { endpoint },
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  api_retries_total: {
    type: 'counter',
    help: 'Requests that were sent again, by the reason.',
    ofSource: true,
    labels: {
      reason: [
        'network',
        'timeout',
        'unreadable_body',
        'http_403',
        'http_408',
        'http_425',
        'http_429',
        'http_5xx',
      ],
    },
  },
  api_waits_total: {
    type: 'counter',
    help: 'Requests that had to wait: for their turn at the configured rate, or for the end of a pause that the API asked for.',
    labels: { reason: ['rate', 'pause'] },
  },
  api_wait_seconds_total: {
    type: 'counter',
    help: 'Time that requests have waited, summed over all of them.',
    labels: { reason: ['rate', 'pause'] },
  },
  runs_total: {
    type: 'counter',
    help: 'Runs that were read, by what became of them in the warehouse.',
    ofSource: true,
    labels: { outcome: ['inserted', 'updated', 'unchanged', 'rejected'] },
  },
  monitors: {
    type: 'gauge',
    help: 'Monitors by what the last cycle planned for them.',
    ofSource: true,
    labels: { decision: ['skip', 'resume', 'incremental', 'full', 'since'] },
  },
  source_cycles_total: {
    type: 'counter',
    help: 'Cycles by how they ended for a source; `unavailable`: the plan of the account does not include this API.',
    ofSource: true,
    labels: { status: ['succeeded', 'partial', 'failed', 'interrupted', 'unavailable'] },
  },
  monitor_failures_total: {
    type: 'counter',
    help: 'Monitors that a cycle could not read, summed over the cycles.',
    ofSource: true,
    labels: {},
  },
  warehouse_up: {
    type: 'gauge',
    help: 'Whether the warehouse answered when this page was asked for: 1 or 0. While it is 0, the metrics below are missing.',
    labels: {},
  },
  last_success_timestamp_seconds: {
    type: 'gauge',
    help: 'When the last cycle ended that brought everything, by whichever process, in seconds since 1970; 0: there was none.',
    labels: {},
  },
  last_success_age_seconds: {
    type: 'gauge',
    help: 'How long ago that was; +Inf: there was none.',
    labels: {},
  },
  last_read_timestamp_seconds: {
    type: 'gauge',
    help: 'When the last cycle ended that read all monitors, though runs may have been rejected, in seconds since 1970; 0: there was none.',
    labels: {},
  },
  source_last_read_timestamp_seconds: {
    type: 'gauge',
    help: 'When the last cycle ended that read all monitors of a source, in seconds since 1970; 0: there was none. A source that is not in the plan of its account is missing.',
    ofSource: true,
    labels: {},
  },
  open_runs: {
    type: 'gauge',
    help: 'Stored runs that are neither final nor gone.',
    labels: {},
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof metricTable;

const definitions: Readonly<Record<MetricName, MetricDefinition>> = metricTable;

export const metricNames: readonly MetricName[] = Object.keys(definitions).filter(isMetricName);

function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(definitions, name);
}

export function metricDefinition(name: MetricName): MetricDefinition {
  return definitions[name];
}

/** The table of `docs/metrics.md`. */
export function describeMetricsAsMarkdown(): string {
  const rows = metricNames.map((name) => {
    const { type, help, labels, ofSource } = definitions[name];
    const labelCell = [
      ...(ofSource ? ['`account`, `api`'] : []),
      ...Object.entries(labels).map(([label, values]) => `\`${label}\`: ${values.join(', ')}`),
    ].join('; ');
    return [`\`${metricPrefix}${name}\``, type, labelCell, help];
  });
  return renderMarkdownTable(['metric', 'type', 'labels', 'meaning'], rows);
}

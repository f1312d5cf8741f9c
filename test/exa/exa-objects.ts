/** Objects as the API sends them; a field that is `undefined` is missing. */
type Fields = Readonly<Record<string, unknown>>;

export const apiRun = (fields: Fields = {}): Record<string, unknown> =>
  throughJson({
    id: 'run_1',
    object: 'monitor_run',
    status: 'completed',
    monitorId: 'mon_1',
    type: 'search',
    completedAt: '2026-01-02T03:05:00.123456Z',
    failedAt: null,
    failedReason: null,
    canceledAt: null,
    createdAt: '2026-01-02T03:04:05.123456Z',
    updatedAt: '2026-01-02T03:05:00.123456Z',
    ...fields,
  });

export const apiMonitor = (fields: Fields = {}): Record<string, unknown> =>
  throughJson({
    id: 'mon_1',
    object: 'monitor',
    status: 'enabled',
    websetId: 'ws_1',
    cadence: { cron: '0 9 * * *', timezone: 'Europe/Berlin' },
    behavior: { type: 'search', config: { count: 10 } },
    lastRun: apiRun(),
    nextRunAt: '2026-01-03T09:00:00Z',
    metadata: { team: 'growth' },
    createdAt: '2026-01-01T00:00:00Z',
    updatedAt: '2026-01-02T00:00:00Z',
    ...fields,
  });

export const apiSearchRun = (fields: Fields = {}): Record<string, unknown> =>
  throughJson({
    id: 'run_1',
    monitorId: 'mon_1',
    status: 'completed',
    output: null,
    failReason: null,
    startedAt: '2026-01-02T03:04:05.123Z',
    completedAt: '2026-01-02T03:05:00.123Z',
    failedAt: null,
    cancelledAt: null,
    createdAt: '2026-01-02T03:04:05.123Z',
    updatedAt: '2026-01-02T03:05:00.123Z',
    ...fields,
  });

export const apiSearchMonitor = (fields: Fields = {}): Record<string, unknown> =>
  throughJson({
    id: 'mon_1',
    name: null,
    status: 'active',
    search: { query: 'news' },
    trigger: { type: 'interval', period: '6h' },
    outputSchema: null,
    metadata: null,
    webhook: { url: 'https://hooks.example/secret' },
    nextRunAt: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...fields,
  });

function throughJson(fields: Fields): Record<string, unknown> {
  const sent: Record<string, unknown> = JSON.parse(JSON.stringify(fields));
  return sent;
}

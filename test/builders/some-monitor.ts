import type { Monitor } from '../../src/sync/model.ts';

/** A Websets monitor that fires each day and has never run, of which a test says nothing but what it changes. */
export function someMonitor(changes: Partial<Monitor> = {}): Monitor {
  return {
    id: 'm',
    websetId: 'w',
    status: 'enabled',
    cadenceCron: '0 6 * * *',
    cadenceTimezone: 'Etc/UTC',
    behavior: {},
    metadata: {},
    name: null,
    trigger: null,
    outputSchema: null,
    lastRun: null,
    nextRunAt: null,
    createdAt: '2026-03-01T12:00:00.000Z',
    updatedAt: '2026-03-01T12:00:00.000Z',
    extra: null,
    ...changes,
  };
}

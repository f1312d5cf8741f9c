import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Monitor } from '../../src/sync/model.ts';
import { openDatabase, type Database } from '../../src/warehouse/connection/database.ts';
import { loadStoredMonitors } from '../../src/warehouse/monitors/stored-monitors.ts';
import { markMonitorsAbsent, upsertMonitors } from '../../src/warehouse/monitors/upsert-monitors.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { websets } from './pages.ts';

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = openDatabase({ url: testDatabase.url, schema: null, maxConnections: 1 });
});
afterAll(() => database.close());
beforeEach(() => testDatabase.sql`truncate monitors`);

const store = (monitors: readonly Monitor[]) =>
  database.transaction((tx) => upsertMonitors(tx, websets.id, monitors));
const load = () => database.transaction((tx) => loadStoredMonitors(tx, websets.id));

function monitor(changes: Partial<Monitor> = {}): Monitor {
  return {
    id: 'm "1"',
    websetId: 'w\\1\u007F',
    status: 'enabled',
    cadenceCron: '0 9 * * *',
    cadenceTimezone: 'Europe/Berlin',
    behavior: {
      type: 'search',
      config: { query: 'tab\tand "quotes"', criteria: [{ description: '日本 😀' }], count: 10 },
    },
    metadata: { b: 'x', a: '', long_key: '/' },
    name: null,
    trigger: null,
    outputSchema: null,
    lastRun: null,
    nextRunAt: '2026-03-11T09:00:00.120Z',
    createdAt: '2026-03-01T00:00:00.000Z',
    updatedAt: '2026-03-10T10:00:00.123456Z',
    extra: null,
    ...changes,
  };
}

test.each<[string, Partial<Monitor>]>([
  ['that the API usually sends', {}],
  ['without a schedule', { nextRunAt: null }],
  ['with fields that are new', { extra: { name: 'News', rank: 0.25, tags: [true, null, []] } }],
])('a monitor %s counts as unchanged, whatever its last run', async (_which, changes) => {
  const listed = monitor(changes);
  await store([listed]);
  const lastRun = { id: 'r', status: 'completed', createdAt: listed.createdAt, updatedAt: listed.createdAt };
  expect((await load()).takeChanged([{ ...listed, lastRun }])).toEqual([]);
});

test.each<[string, Partial<Monitor>]>([
  ['websetId', { websetId: 'w2' }],
  ['status', { status: 'disabled' }],
  ['cadenceCron', { cadenceCron: '0 9 * * 1' }],
  ['cadenceTimezone', { cadenceTimezone: 'UTC' }],
  ['behavior', { behavior: {} }],
  ['metadata', { metadata: { b: 'x', a: '', long_key: '\\/' } }],
  ['nextRunAt', { nextRunAt: '2026-03-11T09:00:00.012Z' }],
  ['no nextRunAt', { nextRunAt: null }],
  ['createdAt', { createdAt: '2026-03-01T00:00:00.000001Z' }],
  ['updatedAt', { updatedAt: '2026-03-10T10:00:00.123457Z' }],
  ['extra', { extra: { name: 'News' } }],
  ['id', { id: 'm2' }],
])('a monitor with another %s counts as changed', async (_field, changes) => {
  await store([monitor()]);
  const changed = monitor(changes);
  expect((await load()).takeChanged([changed])).toEqual([changed]);
});

test.each<[string, Partial<Monitor>]>([
  ['a number that Postgres writes in another way', { metadata: { rate: 1e21 } }],
  ['a key beyond ASCII', { metadata: { größe: 1 } }],
  ['an instant with an offset', { createdAt: '2026-03-01T01:00:00+01:00' }],
])('a monitor with %s is left to Postgres, which leaves its row as it is', async (_which, changes) => {
  const listed = monitor(changes);
  await store([listed]);
  const before = await testDatabase.sql`select xmin::text, ctid::text, changed_at from monitors`;
  expect((await load()).takeChanged([listed])).toEqual([listed]);
  await store([listed]);
  expect(await testDatabase.sql`select xmin::text, ctid::text, changed_at from monitors`).toEqual(before);
});

test('a monitor with an absent mark counts as changed, and is not missed in a listing', async () => {
  await store([monitor(), monitor({ id: 'm2' })]);
  await database.transaction((tx) => markMonitorsAbsent(tx, ['m2']));
  const stored = await load();
  expect(stored.without(new Set())).toEqual(['m "1"']);
  expect(stored.takeChanged([monitor({ id: 'm2' })])).toHaveLength(1);
});

test('what is written during the cycle is known, but not that it succeeded', async () => {
  await store([monitor(), monitor({ id: 'm2' })]);
  const stored = await load();
  const changed = monitor({ status: 'disabled' });
  stored.takeChanged([changed, monitor({ id: 'm3' })]);
  expect(stored.takeChanged([changed])).toEqual([changed]);
  expect(stored.takeChanged([monitor()])).toEqual([monitor()]);
  stored.forget(['m2']);
  expect(stored.takeChanged([monitor({ id: 'm2' })])).toHaveLength(1);
  expect(stored.without(new Set(['m2']))).toEqual(['m "1"', 'm3']);
});

test('any number of monitors is told from changed ones', async () => {
  const many = Array.from({ length: 2500 }, (_, ordinal) => monitor({ id: `m${ordinal}` }));
  await store(many);
  const stored = await load();
  expect(stored.takeChanged(many)).toEqual([]);
  expect(stored.without(new Set(['m7']))).toHaveLength(2499);
});

import { expect, test } from 'vitest';
import { SimulatedAccount } from '../../src/simulator/account/account.ts';
import type { JsonValue, Overlay } from '../../src/simulator/state/json-record.ts';
import { createSmallAccount } from './small-account.ts';
import { dayMs, useSyncKit } from './sync-kit.ts';
import { expectTruth } from './truth.ts';

/** As deep as the simulator can write it; `test/exa/deep-nesting.test.ts` goes further. */
const withoutEnd = nestedLists(2000);

const harmless: readonly (readonly [string, Overlay])[] = [
  ['a NUL in the reason', { fields: { failedReason: 'a\u0000b' } }],
  ['lone surrogates', { fields: { failedReason: '\ud800 and \udfff', note: { '\udead': ['\udbff'] } } }],
  ['a megabyte of reason', { fields: { failedReason: 'x'.repeat(1024 * 1024) } }],
  ['an unknown status', { fields: { status: 'paused_by_budget' } }],
  ['an unknown type', { fields: { type: 'deep_refresh' } }],
  ['unknown fields', { fields: { cost: { dollars: 0.1 }, tags: ['a', null, 1e21], 'odd "key"': true } }],
  ['a field named like a prototype', { fields: { constructor: 'x', toString: 'y' } }],
  ['optional fields left out', { omit: ['completedAt', 'failedAt', 'failedReason', 'canceledAt', 'object'] }],
  [
    'text that looks like SQL',
    { fields: { failedReason: `'); drop table monitor_runs; --`, status: `x'y` } },
  ],
];

const rejected: readonly (readonly [string, Overlay, string])[] = [
  ['a date that does not parse', { fields: { createdAt: 'yesterday' } }, 'createdAt: "yesterday"'],
  ['a day that does not exist', { fields: { updatedAt: '2026-02-30T00:00:00Z' } }, 'updatedAt'],
  ['a number for a date', { fields: { completedAt: 1_700_000_000 } }, 'completedAt'],
  ['no status', { omit: ['status'] }, 'status'],
  ['a null id', { fields: { id: null } }, 'id'],
  ['an id with a NUL', { fields: { id: 'a\u0000b' } }, 'id: holds characters'],
  ['an endless id', { fields: { id: 'i'.repeat(600) } }, 'id: is longer'],
  ['another monitor', { fields: { monitorId: 'm2' } }, 'belongs to monitor m2'],
  ['a null for a run', { raw: null }, 'is not an object'],
  ['a list for a run', { raw: [[]] }, 'is not an object'],
  ['nesting without end', { fields: { note: withoutEnd } }, 'is nested too deep'],
];

test('hostile but usable runs are stored, whatever they hold', async () => {
  const kit = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { runs: harmless.length + 2 }),
  });
  const { account, testDatabase } = kit;
  for (const [index, [, overlay]] of harmless.entries())
    account.updateRun('m1', `m1-r${index + 2}`, { overlay });
  expect((await kit.cycle()).outcome.status).toBe('succeeded');

  await expectTruth(testDatabase.sql, account);
  expect((await kit.cycle({ full: true })).outcome.runs).toMatchObject({ updated: 0 });
});

test('one bad run never costs the good ones on its page', async () => {
  const kit = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { runs: rejected.length + 2 }),
  });
  const { account, testDatabase } = kit;
  for (const [index, [, overlay]] of rejected.entries())
    account.updateRun('m1', `m1-r${index + 2}`, { overlay });
  const cycle = await kit.cycle();

  expect(cycle.outcome).toMatchObject({
    status: 'partial',
    runs: { inserted: 2, rejected: rejected.length },
  });
  const kept = await testDatabase.sql<
    { reason: string }[]
  >`select reason from rejected_runs where monitor_id = 'm1'`;
  expect(kept).toHaveLength(rejected.length);
  const reasons = kept.map(({ reason }) => reason);
  expect(rejected.filter(([, , reason]) => !reasons.some((has) => has.includes(reason)))).toEqual([]);
  // Reading them again keeps them once.
  await kit.cycle({ full: true });
  expect(await testDatabase.sql`select from rejected_runs`).toHaveLength(rejected.length);
});

test('ids that need escaping in a path are asked for as what they are', async () => {
  const ids = [
    'a/b',
    '50%',
    '50%25',
    'why?',
    'no#1',
    `"'`,
    'ünïcödé ✓',
    'sp ace',
    'dots..',
    '&limit=1',
    '\\',
  ];
  const kit = await useSyncKit({
    account: (clock) => {
      const account = new SimulatedAccount({ clock });
      for (const id of ids) {
        account.addMonitor({ id: `m-${id}`, status: 'disabled' });
        account.addRun(`m-${id}`, { id: `r-${id}`, createdAtMs: clock.now() - 3 * dayMs });
        account.addRun(`m-${id}`, {
          id: `s-${id}`,
          createdAtMs: clock.now() - dayMs / 2,
          outcome: 'completed',
        });
      }
      return account;
    },
  });
  const { account, clock, simulator, testDatabase } = kit;
  expect((await kit.cycle()).outcome.status).toBe('succeeded');
  await expectTruth(testDatabase.sql, account);

  for (const id of ids) account.finishRun(`m-${id}`, `r-${id}`, { status: 'canceled' });
  clock.advance(dayMs);
  simulator.requests.reset();
  expect((await kit.cycle()).outcome.status).toBe('succeeded');
  expect(simulator.requests.counts.byEndpoint).toMatchObject({ run: ids.length, other: 0 });
  await expectTruth(testDatabase.sql, account);
});

test('a monitor that cannot be read is partial, is not marked absent, and costs no other', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 4 }) });
  const { account, testDatabase } = kit;
  await kit.cycle();
  account.updateMonitor('m2', { overlay: { fields: { createdAt: 'once' } } });
  account.updateMonitor('m4', { overlay: { fields: { metadata: { note: withoutEnd } } } });
  account.updateMonitor('m3', { overlay: { fields: { metadata: { 'k\u0000': '\ud800' }, surprise: true } } });
  account.addRun('m3', { outcome: 'completed' });
  const cycle = await kit.cycle();

  expect(cycle.outcome).toMatchObject({ status: 'partial', monitors: { failed: 2 }, runs: { inserted: 1 } });
  expect(await testDatabase.sql`select id from monitors where absent_since is not null`).toHaveLength(0);
  expect(
    await testDatabase.sql`
      select monitor_id, last_error from sync_checkpoints where last_error is not null order by monitor_id`,
  ).toEqual([
    { monitor_id: 'm2', last_error: expect.stringContaining('createdAt') },
    { monitor_id: 'm4', last_error: 'is nested too deep' },
  ]);
  expect(await testDatabase.sql`select metadata, extra from monitors where id = 'm3'`).toEqual([
    { metadata: { 'k\ufffd': '\ufffd' }, extra: { surprise: true } },
  ]);
});

test('a record without an id in the listing keeps no monitor that is gone from being marked absent', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 3 }) });
  const { account, testDatabase } = kit;
  await kit.cycle();
  account.updateMonitor('m2', { overlay: { fields: { id: null } } });
  account.deleteMonitor('m3');
  const cycle = await kit.cycle();

  expect(cycle.outcome.status).toBe('partial');
  expect(await testDatabase.sql`select id from monitors where absent_since is not null`).toEqual([
    { id: 'm3' },
  ]);
});

function nestedLists(levels: number): JsonValue {
  return Array.from({ length: levels }).reduce<JsonValue>((inside) => [inside], 'bottom');
}

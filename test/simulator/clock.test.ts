import { describe, expect, it } from 'vitest';
import { createSimulatedAccount } from '../../src/simulator/account/account.ts';
import { createManualClock } from '../../src/simulator/state/clock.ts';
import { documentedEvent, documentedPage } from './documented-schemas.ts';
import { dayMs, minuteMs, readPages, serve, startMs } from './serve.ts';

const at = (ms: number) => new Date(ms).toISOString();

function createAccount() {
  const clock = createManualClock(startMs);
  return { clock, account: createSimulatedAccount({ clock }) };
}

describe('a run', () => {
  it('moves from created to running to its end with the clock, and `updatedAt` with it', async () => {
    const { account, clock } = createAccount();
    const { get } = await serve({ account });
    const id = account.addMonitor();
    const runId = account.addRun(id, {
      startedAtMs: startMs + minuteMs,
      outcome: { status: 'failed', atMs: startMs + 2 * minuteMs, failedReason: 'no luck' },
    });
    const path = `/monitors/${id}/runs/${runId}`;
    const open = { completedAt: null, failedAt: null, failedReason: null, canceledAt: null };
    expect((await get(path)).body).toMatchObject({ status: 'created', updatedAt: at(startMs), ...open });
    clock.advance(minuteMs);
    expect((await get(path)).body).toMatchObject({ status: 'running', updatedAt: at(clock.now()), ...open });
    clock.advance(minuteMs);
    expect((await get(path)).body).toMatchObject({
      status: 'failed',
      createdAt: at(startMs),
      updatedAt: at(clock.now()),
      failedAt: at(clock.now()),
      failedReason: 'no luck',
      completedAt: null,
    });
  });

  it('shows when the clock gets to its creation, not before', async () => {
    const { account, clock } = createAccount();
    const { get } = await serve({ account });
    const id = account.addMonitor();
    const runId = account.addRun(id, { createdAtMs: startMs + minuteMs });
    expect(await readPages(get, `/monitors/${id}/runs`, 200)).toEqual([[]]);
    expect((await get(`/monitors/${id}/runs/${runId}`)).status).toBe(404);
    clock.advance(minuteMs);
    expect(await readPages(get, `/monitors/${id}/runs`, 200)).toEqual([[runId]]);
  });

  it('can be finished, changed and deleted by hand', () => {
    const { account, clock } = createAccount();
    const id = account.addMonitor();
    const [first, second] = [account.addRun(id), account.addRun(id)];
    clock.advance(minuteMs);
    account.finishRun(id, first, { status: 'canceled' });
    expect(account.runs(id)[1]).toMatchObject({ status: 'canceled', canceledAt: at(clock.now()) });
    clock.advance(minuteMs);
    account.updateRun(id, first, { type: 'refresh' });
    expect(account.runs(id)[1]).toMatchObject({ type: 'refresh', updatedAt: at(clock.now()) });
    account.updateRun(id, first, { createdAtMs: startMs + 1 });
    expect(account.runs(id).map((run) => run.id)).toEqual([first, second]);
    account.deleteRun(id, first);
    expect(account.runs(id).map((run) => run.id)).toEqual([second]);
  });

  it('is served with whatever is laid over it', async () => {
    const { account, get } = await serve();
    const id = account.addMonitor();
    account.addRun(id, { overlay: { raw: null } });
    account.addRun(id, { overlay: { fields: { status: 'paused', cost: 1 }, omit: ['type'] } });
    account.addRun(id, { outcome: 'failed', failedReason: 'a\u0000b\uD800 "c"' });
    const { body, text } = await get(`/monitors/${id}/runs`);
    expect(body).toEqual({ data: account.servedRuns(id), hasMore: false, nextCursor: null });
    expect(body).toMatchObject({
      data: [{ failedReason: 'a\u0000b\uD800 "c"' }, { status: 'paused', cost: 1 }, null],
    });
    expect(body).not.toHaveProperty('data.1.type');
    expect(text).toContain(String.raw`a\u0000b\ud800`);
  });
});

describe('a schedule', () => {
  it('starts a run at each occurrence in its time zone, across a change of the clocks', () => {
    const { account, clock } = createAccount();
    const id = account.addMonitor({ cadence: { cron: '30 6 * * *', timezone: 'America/New_York' } });
    const nextRunAt = () => account.monitors()[0]?.nextRunAt;
    expect(nextRunAt()).toBe('2026-03-03T11:30:00.000Z');
    clock.set(Date.parse('2026-03-09T12:00:00.000Z'));
    expect(account.runs(id).map((run) => run.createdAt)).toEqual([
      '2026-03-09T10:30:00.000Z',
      '2026-03-08T10:30:00.000Z',
      ...[7, 6, 5, 4, 3].map((day) => `2026-03-0${day}T11:30:00.000Z`),
    ]);
    expect(nextRunAt()).toBe('2026-03-10T10:30:00.000Z');
  });

  it('shows the newest run as `lastRun` in its present state, null before the first', () => {
    const { account, clock } = createAccount();
    account.addMonitor({ cadence: { cron: '0 13 * * *' } });
    const lastRun = () => account.monitors()[0]?.lastRun;
    expect(lastRun()).toBeNull();
    clock.advance(60 * minuteMs);
    expect(lastRun()).toMatchObject({ status: 'created', createdAt: at(clock.now()) });
    clock.advance(minuteMs);
    expect(lastRun()).toMatchObject({ status: 'completed', completedAt: at(clock.now()) });
  });

  it('rests while the monitor is disabled', () => {
    const { account, clock } = createAccount();
    const id = account.addMonitor({ cadence: { cron: '0 13 * * *' } });
    account.updateMonitor(id, { status: 'disabled' });
    clock.advance(3 * dayMs);
    expect(account.monitors()).toMatchObject([
      { status: 'disabled', nextRunAt: null, updatedAt: at(startMs) },
    ]);
    account.updateMonitor(id, { status: 'enabled' });
    expect(account.runs(id)).toEqual([]);
    expect(account.monitors()[0]?.nextRunAt).toBe(at(startMs + 3 * dayMs + 60 * minuteMs));
  });

  it('can be for show only', () => {
    const { account, clock } = createAccount();
    const id = account.addMonitor({ firesOnSchedule: false });
    clock.advance(3 * dayMs);
    expect(account.runs(id)).toEqual([]);
    expect(account.monitors()[0]?.nextRunAt).toBe('2026-03-06T06:00:00.000Z');
  });
});

describe('an untrustworthy `lastRun`', () => {
  it('can be null, late or wrong', () => {
    const { account, clock } = createAccount();
    const id = account.addMonitor();
    const first = account.addRun(id, {
      outcome: { status: 'completed', atMs: startMs + minuteMs, failedReason: null },
    });
    clock.advance(10 * minuteMs);
    const second = account.addRun(id);
    const lastRun = () => account.monitors()[0]?.lastRun;
    expect(lastRun()).toMatchObject({ id: second });
    account.quirks.lastRun = 'null';
    expect(lastRun()).toBeNull();
    account.quirks.lastRun = { lateByRuns: 1 };
    expect(lastRun()).toMatchObject({ id: first, status: 'completed' });
    account.quirks.lastRun = { lateByMs: 9.5 * minuteMs };
    expect(lastRun()).toMatchObject({ id: first, status: 'created' });
    account.quirks.lastRun = 'wrong';
    expect(account.runs(id)).not.toContainEqual(lastRun());
  });
});

async function serveEvents() {
  const { account, clock } = createAccount();
  const { get } = await serve({ account });
  const id = account.addMonitor();
  for (const [minute, status] of (['completed', 'failed', 'canceled', 'completed'] as const).entries()) {
    clock.advance(minuteMs);
    const outcome = { status, atMs: clock.now() + 90_000, failedReason: null };
    account.addRun(id, { id: `r${minute}`, outcome });
  }
  clock.advance(minuteMs);
  const page = async (query: string) =>
    documentedPage(documentedEvent).parse((await get(`/events?${query}`)).body);
  return { id, page, get };
}

describe('events', () => {
  it('come newest first; failed and canceled runs send none at their end', async () => {
    const { id, page } = await serveEvents();
    const { data } = await page('');
    expect(data.map((event) => [event.type, event.data.id])).toEqual([
      ['monitor.run.created', 'r3'],
      ['monitor.run.created', 'r2'],
      ['monitor.run.completed', 'r0'],
      ['monitor.run.created', 'r1'],
      ['monitor.run.created', 'r0'],
      ['monitor.created', id],
    ]);
    expect(data.map((event) => event.createdAt)).toEqual(
      [4, 3, 2.5, 2, 1, 0].map((minutes) => at(startMs + minutes * minuteMs)),
    );
  });

  it('page without loss, and filter by type and time, both ends included', async () => {
    const { page, get } = await serveEvents();
    const all = await page('');
    expect((await readPages(get, '/events', 2)).flat()).toEqual(all.data.map((event) => event.id));
    const types = await page('types=monitor.created&types=monitor.run.completed');
    expect(types.data.map((event) => event.type)).toEqual(['monitor.run.completed', 'monitor.created']);
    const span = await page(
      `createdAfter=${at(startMs + 2 * minuteMs)}&createdBefore=${at(startMs + 3 * minuteMs)}`,
    );
    expect(span.data).toEqual(all.data.slice(1, 4));
  });
});

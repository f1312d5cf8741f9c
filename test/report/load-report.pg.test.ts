import { beforeAll, describe, expect, it } from 'vitest';
import { addDays } from '../../src/analytics/report/data/days.ts';
import { loadChartDrawer } from '../../src/analytics/report/drawing/draw-chart.ts';
import { judgeFreshness } from '../../src/analytics/report/sections/freshness-banner.ts';
import { loadReport } from '../../src/analytics/report/data/load-report.ts';
import { renderReport } from '../../src/analytics/report/render-report.ts';
import type { ReportData, ReportSelection } from '../../src/analytics/report/data/report-data.ts';
import { openDatabase } from '../../src/warehouse/connection/database.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { storeCycle, storeManyMonitors, storeMonitors, storeRuns } from './stored-history.ts';

async function load({ url }: TestDatabase, selection: Partial<ReportSelection> = {}): Promise<ReportData> {
  const database = openDatabase({ url, schema: null, maxConnections: 1 });
  try {
    return await loadReport(database, { days: 3, monitorId: null, websetId: null, ...selection });
  } finally {
    await database.close();
  }
}

describe('a report of a known history', () => {
  let database: TestDatabase;
  let report: ReportData;
  let today: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    const { sql } = database;
    await storeMonitors(sql, [
      { id: 'm1', websetId: 'w1', query: 'robots' },
      { id: 'm2', websetId: 'w1', coveredDaysAgo: 2 },
      { id: 'm3', websetId: 'w2', coveredDaysAgo: null, lastError: 'the API answered 404' },
      { id: 'gone', websetId: 'w2', isAbsent: true },
    ]);
    await storeRuns(sql, [
      { monitorId: 'm1', daysAgo: 0, status: 'running' },
      { monitorId: 'm1', daysAgo: 1, status: 'completed', durationSeconds: 100 },
      {
        monitorId: 'm1',
        daysAgo: 1,
        status: 'failed',
        durationSeconds: 300,
        failedReason: 'Timed out after 12 s',
      },
      {
        monitorId: 'm2',
        daysAgo: 2,
        status: 'failed',
        durationSeconds: 200,
        failedReason: 'Timed out after 7 s',
      },
      { monitorId: 'm2', daysAgo: 2, status: 'canceled', durationSeconds: 400 },
      { monitorId: 'm2', daysAgo: 2, status: 'failed', durationSeconds: 200, failedReason: '<script>' },
      // Before the report's days, in the days to compare with, and before those.
      { monitorId: 'm1', daysAgo: 3, status: 'failed', failedReason: 'Too old' },
      { monitorId: 'm1', daysAgo: 5, status: 'completed' },
      { monitorId: 'm1', daysAgo: 8, status: 'completed' },
      { monitorId: 'm1', daysAgo: 9, status: 'failed', failedReason: 'Too old' },
    ]);
    await storeCycle(sql, 'partial', '1 of 3 monitors failed');
    await storeCycle(sql, 'running');
    report = await load(database);
    today = report.generatedAt.slice(0, 10);
  });

  it('counts its days, and the days before them to compare with', () => {
    expect(report.totals).toEqual({
      runs: 6,
      completed: 1,
      failed: 3,
      canceled: 1,
      open: 1,
      failureRate: 0.75,
      p50Seconds: 200,
      p95Seconds: 380,
    });
    expect(report.previous).toMatchObject({ runs: 2, completed: 1, failed: 1, failureRate: 0.5 });
  });

  it('has each day, also those without runs, with the rate of the week up to it', () => {
    expect(report.daily.map(({ day }) => day)).toEqual([addDays(today, -2), addDays(today, -1), today]);
    expect(report.daily).toMatchObject([
      { runs: 3, failed: 2, canceled: 1, failureRate: 1, p50Seconds: 200, weekFailureRate: 3 / 5 },
      {
        runs: 2,
        completed: 1,
        failed: 1,
        failureRate: 0.5,
        p50Seconds: 200,
        p95Seconds: 290,
        weekFailureRate: 4 / 6,
      },
      { runs: 1, open: 1, failureRate: null, p50Seconds: null, weekFailureRate: 4 / 6 },
    ]);
  });

  it('knows which monitors failed most, and on which days', () => {
    expect(report.monitors.map(({ monitorId, failed }) => [monitorId, failed])).toEqual([
      ['m2', 2],
      ['m1', 1],
      ['m3', 0],
    ]);
    expect(report.monitors[1]).toMatchObject({
      websetId: 'w1',
      name: 'robots',
      runs: 3,
      failureRate: 0.5,
      coveredDay: today,
      daily: [
        { day: addDays(today, -1), completed: 1, failed: 1 },
        { day: today, open: 1 },
      ],
    });
    expect(report.monitors[2]).toMatchObject({ name: null, coveredDay: null, daily: [] });
  });

  it('groups the reasons', () => {
    expect(report.reasons).toMatchObject([
      { reason: 'Timed out after <n> s', failures: 2, monitors: 2, example: 'Timed out after 12 s' },
      { reason: '<script>', failures: 1, monitors: 1, lastSeenAt: `${addDays(today, -2)}T12:00:00.000Z` },
    ]);
    expect(report.distinctReasons).toBe(2);
  });

  it('tells how far the data can be trusted', () => {
    expect(report.freshness).toMatchObject({
      monitors: 3,
      staleMonitors: 2,
      unknownMonitors: 1,
      unreadableMonitors: 1,
      coveredThrough: null,
      lastCycle: { status: 'partial', error: '1 of 3 monitors failed' },
      troubled: [{ monitorId: 'm3', lastError: 'the API answered 404' }, { monitorId: 'm2' }],
    });
    expect(report.freshness.runningSince).not.toBeNull();
    expect(new Set(report.freshness.coverage)).toEqual(
      new Set([
        { day: null, monitors: 1 },
        { day: addDays(today, -2), monitors: 1 },
        { day: today, monitors: 1 },
      ]),
    );
    expect(judgeFreshness(report.freshness)).toBe('stale');
  });

  it('can be of one monitor or one webset', async () => {
    const one = await load(database, { monitorId: 'm1' });
    expect(one.totals).toMatchObject({ runs: 3, failed: 1 });
    expect(one.monitors.map(({ monitorId }) => monitorId)).toEqual(['m1']);
    expect(one.reasons.map(({ reason }) => reason)).toEqual(['Timed out after <n> s']);
    expect(one.freshness).toMatchObject({ monitors: 1, staleMonitors: 0, troubled: [] });
    const webset = await load(database, { websetId: 'w1' });
    expect(webset.totals.runs).toBe(6);
    expect(webset.monitors.map(({ monitorId }) => monitorId)).toEqual(['m2', 'm1']);
    expect(Object.values(webset.verdicts).reduce((sum, monitors) => sum + monitors, 0)).toBe(2);
  });

  it('is refused for what the warehouse does not have, since it would show no failure', async () => {
    await expect(load(database, { monitorId: 'm0' })).rejects.toThrow('the warehouse has no monitor "m0"');
    await expect(load(database, { monitorId: 'm1', websetId: 'w2' })).rejects.toThrow(
      'the warehouse has no monitor "m1" of webset "w2"',
    );
  });
});

describe('a report of a warehouse', () => {
  it('without anything in it says so', async () => {
    const report = await load(await createTestDatabase(), { days: 30 });
    expect(report.daily).toHaveLength(30);
    expect(report.totals).toMatchObject({ runs: 0, failureRate: null, p50Seconds: null });
    expect(judgeFreshness(report.freshness)).toBe('unsynced');
    expect(renderReport(report, await loadChartDrawer(), '1.2.3')).toContain('Not synced yet');
  });

  it('with 10,000 monitors lists the worst and stays small', async () => {
    const database = await createTestDatabase();
    await storeManyMonitors(database.sql, 10_000, 3);
    await storeCycle(database.sql, 'succeeded');
    const report = await load(database, { days: 30 });
    expect(report.totals).toMatchObject({ runs: 30_000, failed: 300, failureRate: 0.01 });
    expect(report.freshness).toMatchObject({ monitors: 10_000, staleMonitors: 0 });
    expect(report.monitors).toHaveLength(25);
    expect(report.monitors.every(({ failed }) => failed === 1)).toBe(true);
    expect(report.reasons).toMatchObject([{ reason: 'Search timed out after <n> seconds', failures: 300 }]);
    const document = renderReport(report, await loadChartDrawer(), '1.2.3');
    expect(document).toContain('The 25 of 10,000 monitors with most failed runs.');
    expect(document.length).toBeLessThan(300_000);
  });
});

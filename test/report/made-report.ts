/** Reports of made-up content for the tests of rendering. */
import { addDays, listDays } from '../../src/analytics/report/data/days.ts';
import type {
  DayTotals,
  Freshness,
  MonitorReport,
  ReportData,
  RunCounts,
} from '../../src/analytics/report/data/report-data.ts';

export const today = '2026-11-22';
const generatedAt = `${today}T18:30:00.000Z`;

/** What the API may send as text: it must stay text. */
export const hostileText = `<script>alert(1)</script><img src=x onerror="alert('2')">&amp;</td></svg>`;

const noRuns: RunCounts = {
  runs: 0,
  completed: 0,
  failed: 0,
  canceled: 0,
  open: 0,
  failureRate: null,
};

export function counts(completed: number, failed: number, others: Partial<RunCounts> = {}): RunCounts {
  const { canceled = 0, open = 0 } = others;
  const rated = completed + failed;
  return {
    runs: rated + canceled + open,
    completed,
    failed,
    canceled,
    open,
    failureRate: rated === 0 ? null : failed / rated,
  };
}

export const freshFreshness: Freshness = {
  monitors: 1,
  staleMonitors: 0,
  unknownMonitors: 0,
  unreadableMonitors: 0,
  unfinishedWalks: 0,
  rejectedRuns: 0,
  coveredThrough: `${today}T18:00:00.000Z`,
  coverage: [{ day: today, monitors: 1 }],
  lastCycle: {
    status: 'succeeded',
    startedAt: `${today}T18:00:00.000Z`,
    error: null,
  },
  runningSince: null,
  troubled: [],
};

function dayTotals(day: string, totals: RunCounts = noRuns): DayTotals {
  const { failureRate } = totals;
  const durations =
    totals.runs === 0 ? { p50Seconds: null, p95Seconds: null } : { p50Seconds: 420, p95Seconds: 1800 };
  return { day, ...totals, ...durations, weekFailureRate: failureRate };
}

/** A report of a warehouse into which nothing was ever synced. */
export function emptyReport(days = 30): ReportData {
  const none = { ...noRuns, p50Seconds: null, p95Seconds: null };
  return {
    selection: { days, monitorId: null, websetId: null },
    generatedAt,
    freshness: {
      ...freshFreshness,
      monitors: 0,
      coveredThrough: null,
      coverage: [],
      lastCycle: null,
    },
    totals: none,
    previous: none,
    daily: listDays(today, days).map((day) => dayTotals(day)),
    verdicts: {},
    monitors: [],
    reasons: [],
    distinctReasons: 0,
  };
}

export function monitorReport(changes: Partial<MonitorReport> = {}): MonitorReport {
  return {
    ...noRuns,
    monitorId: 'monitor_1',
    websetId: 'webset_1',
    name: 'robotics companies in logistics',
    verdict: 'healthy',
    failureStreak: 0,
    lastSuccessAt: null,
    coveredDay: today,
    daily: [],
    ...changes,
  };
}

/** A report of one monitor that ran once and failed, with every text hostile. */
export function hostileReport(): ReportData {
  const once = counts(0, 1);
  const report = emptyReport(7);
  return {
    ...report,
    selection: { days: 7, monitorId: hostileText, websetId: hostileText },
    freshness: {
      ...freshFreshness,
      staleMonitors: 1,
      unreadableMonitors: 1,
      lastCycle: { ...startedCycle('partial'), error: hostileText },
      troubled: [
        { monitorId: hostileText, coveredThrough: null, consecutiveFailures: 2, lastError: hostileText },
      ],
    },
    totals: { ...once, p50Seconds: 60, p95Seconds: 60 },
    daily: report.daily.map(({ day }) => dayTotals(day, day === today ? once : noRuns)),
    verdicts: { [hostileText]: 1 },
    monitors: [
      monitorReport({
        ...once,
        monitorId: hostileText,
        websetId: hostileText,
        name: `${hostileText} ${'unbreakable'.repeat(9)}`,
        verdict: hostileText,
        failureStreak: 1,
        daily: [{ day: today, ...once }],
      }),
    ],
    reasons: [
      {
        reason: hostileText,
        failures: 1,
        monitors: 1,
        lastSeenAt: `${today}T08:00:00.000Z`,
        example: `${hostileText} 7`,
      },
    ],
    distinctReasons: 1,
  };
}

function startedCycle(status: string) {
  return { status, startedAt: `${today}T18:00:00.000Z`, error: null };
}

/** A report as they are on most days: 10,000 monitors, some of them not read since three days ago. */
export function largeReport(days = 30): ReportData {
  const calendar = listDays(today, days);
  const monitors = Array.from({ length: 25 }, (_, index) => busyMonitor(index, calendar));
  const daily = calendar.map((day, index) =>
    dayTotals(
      day,
      counts(9000 + 37 * (index % 7), 120 + 61 * (index % 5), {
        canceled: 40,
        open: day === today ? 300 : 0,
      }),
    ),
  );
  const failed = daily.reduce((sum, day) => sum + day.failed, 0);
  const completed = daily.reduce((sum, day) => sum + day.completed, 0);
  const open = daily.reduce((sum, day) => sum + day.open, 0);
  const totals = {
    ...counts(completed, failed, { canceled: 40 * days, open }),
    p50Seconds: 428,
    p95Seconds: 2890,
  };
  return {
    selection: { days, monitorId: null, websetId: null },
    generatedAt,
    freshness: {
      ...freshFreshness,
      monitors: 10_000,
      staleMonitors: 6200,
      unreadableMonitors: 2,
      rejectedRuns: 3,
      coveredThrough: `${addDays(today, -3)}T06:00:00.000Z`,
      coverage: [
        { day: addDays(today, -3), monitors: 6200 },
        { day: today, monitors: 3800 },
      ],
      lastCycle: { ...startedCycle('partial'), error: '2 of 10000 monitors could not be read' },
      troubled: [
        {
          monitorId: 'monitor_01j9zq3v6k',
          coveredThrough: `${addDays(today, -3)}T06:00:00.000Z`,
          consecutiveFailures: 3,
          lastError: 'list runs of monitor_01j9zq3v6k: the API answered 404 (request 8c1f)',
        },
      ],
    },
    totals,
    previous: { ...totals, failureRate: totals.failureRate === null ? null : totals.failureRate * 0.8 },
    daily,
    verdicts: { healthy: 8312, degraded: 901, failing: 87, silent: 420, disabled: 250, unproven: 30 },
    monitors,
    reasons: Array.from({ length: 12 }, (_, index) => ({
      reason: `Search timed out after <n> seconds (request <n>), stage ${'abcdefghijkl'[index]}`,
      failures: 900 - index * 61,
      monitors: 300 - index * 20,
      lastSeenAt: `${today}T08:00:00.000Z`,
      example: `Search timed out after 1${index}00 seconds (request req_f00d${index}abcd)`,
    })),
    distinctReasons: 40,
  };
}

function busyMonitor(index: number, calendar: readonly string[]): MonitorReport {
  const daily = calendar.slice(0, index % 4 === 0 ? -3 : undefined).map((day, place) => ({
    day,
    ...counts(3, (place * (index + 3)) % 7 === 0 ? 2 : place % 5 === 0 ? 1 : 0),
  }));
  const completed = daily.reduce((sum, day) => sum + day.completed, 0);
  const failed = daily.reduce((sum, day) => sum + day.failed, 0);
  return monitorReport({
    ...counts(completed, failed),
    monitorId: `monitor_01j9zq3v${index}k`,
    websetId: `webset_01h${index % 6}`,
    name: index % 6 === 5 ? null : `companies of kind ${index} that hire compliance staff in Europe`,
    verdict: index < 3 ? 'failing' : index % 4 === 0 ? 'silent' : 'degraded',
    failureStreak: index < 3 ? 5 - index : 0,
    lastSuccessAt: `${today}T0${index % 9}:15:00.000Z`,
    coveredDay: index % 4 === 0 ? addDays(today, -3) : today,
    daily,
  });
}

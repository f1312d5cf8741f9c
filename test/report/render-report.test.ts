import { beforeAll, describe, expect, it } from 'vitest';
import { drawDayChart } from '../../src/analytics/report/drawing/day-chart.ts';
import { loadChartDrawer, type DrawChart } from '../../src/analytics/report/drawing/draw-chart.ts';
import {
  judgeFreshness,
  renderFreshnessBanner,
} from '../../src/analytics/report/sections/freshness-banner.ts';
import { renderHeatMap } from '../../src/analytics/report/sections/heat-map-section.ts';
import { renderKeyFigures } from '../../src/analytics/report/sections/key-figures.ts';
import { renderReport } from '../../src/analytics/report/render-report.ts';
import type { Freshness } from '../../src/analytics/report/data/report-data.ts';
import {
  counts,
  emptyReport,
  freshFreshness,
  hostileReport,
  hostileText,
  largeReport,
  monitorReport,
  today,
} from './made-report.ts';

let drawChart: DrawChart;

beforeAll(async () => {
  drawChart = await loadChartDrawer();
});

/** What a reader of the markup would read. */
function textOf(markup: string): string {
  return markup
    .replaceAll(/<style>.*?<\/style>|<[^>]*>/gs, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

describe('a report', () => {
  it('of a Search Monitor, which has no webset, names none', () => {
    const failing = monitorReport({ ...counts(0, 3), websetId: null });
    const text = textOf(renderReport({ ...emptyReport(), monitors: [failing] }, drawChart, '1.2.3'));

    expect(text).toContain('monitor_1');
    expect(text).not.toContain('webset');
  });

  it.each([
    ['of nothing', emptyReport()],
    ['of one day', emptyReport(1)],
    ['of 10,000 monitors', largeReport()],
    ['of a year', largeReport(366)],
  ])('%s is one document of limited size that needs nothing else', (_, report) => {
    const document = renderReport(report, drawChart, '1.2.3');
    expect(document).toMatch(/^<!doctype html>\s+<html lang="en">/);
    // Compared as lists of matches: a failure must not print the document.
    expect(document.match(/<script|<link|<img|<iframe|@import|url\((?!#)|https?:|xlink|ecmeta/g)).toBeNull();
    expect(textOf(document).match(/undefined|NaN|\[object|\bnull\b|Infinity/g)).toBeNull();
    const ids = Array.from(document.matchAll(/ id="([^"]*)"/g), ([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(document.length).toBeLessThan(700_000);
  });

  it('keeps texts of the API from becoming markup, wherever they stand', () => {
    const document = renderReport(hostileReport(), drawChart, '1.2.3');
    expect(document.match(/<script|<img/g)).toBeNull();
    // Id and query in two places each, webset, verdict twice, reason, example, errors, …
    expect(document.split('&lt;script&gt;alert(1)&lt;/script&gt;').length).toBeGreaterThan(10);
    expect(document.split('</svg>')).toHaveLength(document.split('<svg ').length);
  });

  it('says what it covers', () => {
    const report = { ...emptyReport(30), selection: { days: 30, monitorId: null, websetId: 'webset_7' } };
    const text = textOf(renderReport(report, drawChart, '1.2.3'));
    expect(text).toContain('24 October 2026 to 22 November 2026 · webset webset_7');
    expect(text).toContain('by exa-monitor-sync 1.2.3');
  });
});

describe('a drawing', () => {
  it('shows a hostile name as text', () => {
    const option = { xAxis: { data: [hostileText] }, yAxis: {}, series: { type: 'bar' as const, data: [1] } };
    const svg = drawChart(option, { width: 400, height: 200 }).text;
    expect(svg).toContain('&lt;script&gt;');
    expect(svg).not.toMatch(/<script|<img/);
  });

  it('shows a single value without neighbours as a point', () => {
    const chart = {
      days: ['2026-11-20', '2026-11-21', '2026-11-22'],
      shaded: [false, false, false],
      axisMax: 1,
      formatValue: String,
    };
    const draw = (values: readonly (number | null)[]): number =>
      drawDayChart({ ...chart, series: [{ kind: 'line', colour: 'failed', values }] }, drawChart).text.split(
        'fill="var(--failed)"',
      ).length - 1;
    expect(draw([null, 1, null])).toBe(2);
    expect(draw([1, 1, null])).toBe(0);
  });
});

describe('the banner', () => {
  const broken = { ...freshFreshness, monitors: 20 };
  it.each<[string, Freshness, string, string]>([
    ['fresh', freshFreshness, 'fresh', 'Every run of the monitor up to 22 Nov 2026, 18:00 UTC is known.'],
    ['unsynced', emptyReport().freshness, 'unsynced', 'No failures here does not mean that nothing failed.'],
    [
      'unsynced',
      { ...broken, unknownMonitors: 20, staleMonitors: 20, coveredThrough: null },
      'unsynced',
      'there is nothing to report on',
    ],
    [
      'stale',
      { ...broken, staleMonitors: 3 },
      'stale',
      'The runs of the last 24 hours of 3 of 20 monitors are not known.',
    ],
    ['incomplete', { ...broken, rejectedRuns: 1 }, 'incomplete', 'Missing: 1 run could not be stored.'],
    [
      'incomplete',
      { ...broken, unreadableMonitors: 2, unfinishedWalks: 1 },
      'incomplete',
      '2 monitors could not be read, the reading of 1 monitor is unfinished',
    ],
    [
      'incomplete',
      {
        ...broken,
        lastCycle: { status: 'failed', startedAt: `${today}T18:00:00Z`, error: 'no key' },
      },
      'incomplete',
      'ended as failed: no key',
    ],
    ['fresh although empty', { ...freshFreshness, monitors: 0 }, 'fresh', 'There are no monitors at Exa.'],
  ])('of a warehouse that is %s says so', (_, freshness, trust, sentence) => {
    expect(judgeFreshness(freshness)).toBe(trust);
    const markup = renderFreshnessBanner(freshness).text;
    expect(markup).toContain(`class="banner ${trust}"`);
    expect(textOf(markup)).toContain(sentence);
  });

  it('does not call a warehouse stale or partial because a sync is running', () => {
    const freshness = { ...freshFreshness, runningSince: `${today}T18:20:00Z` };
    expect(judgeFreshness(freshness)).toBe('fresh');
    expect(textOf(renderFreshnessBanner(freshness).text)).toContain(
      'A sync has been running since 22 Nov 2026, 18:20 UTC.',
    );
  });
});

describe('the heat map', () => {
  const report = { ...emptyReport(3), freshness: { ...freshFreshness, monitors: 2 } };
  const daily = [{ day: '2026-11-20', ...counts(3, 1) }];

  it('tells a day without runs from a day that was not read', () => {
    const read = renderHeatMap({ ...report, monitors: [monitorReport({ daily })] }).text;
    expect(read).toContain('class="heat2" title="20 Nov: 1 of 4 failed"');
    expect(read).toContain('class="none" title="21 Nov: no run ended"');
    expect(read).toContain('class="none" title="22 Nov: no run ended"');
    const unread = renderHeatMap({
      ...report,
      monitors: [monitorReport({ daily, coveredDay: '2026-11-20' })],
    }).text;
    expect(unread).toContain('class="heat2" title="20 Nov: 1 of 4 failed"');
    expect(unread).toContain('class="unread" title="21 Nov: not read"');
  });

  it('says when it does not show all monitors', () => {
    const monitors = [monitorReport({ daily })];
    expect(renderHeatMap({ ...report, monitors }).text).toContain(
      'The 1 of 2 monitors with most failed runs.',
    );
  });
});

describe('the key figures', () => {
  it('compare with the time before', () => {
    const totals = { ...counts(90, 10), p50Seconds: 540, p95Seconds: 9000 };
    const previous = { ...counts(95, 5), p50Seconds: null, p95Seconds: null };
    const text = textOf(renderKeyFigures({ ...emptyReport(), totals, previous }).text);
    expect(text).toContain('Failure rate 10.0% up from 5.0% in the 30 days before');
    expect(text).toContain('Failed runs 10 of 100 runs; 5 in the 30 days before');
    expect(text).toContain('Duration, median 9 min 95% end within 2.5 h');
    const steady = renderKeyFigures({ ...emptyReport(), totals, previous: totals }).text;
    expect(textOf(steady)).toContain('10.0% as in the 30 days before');
  });
});

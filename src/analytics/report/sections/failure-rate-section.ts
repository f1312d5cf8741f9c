import { countUncovered, shadedDays } from '../data/coverage.ts';
import { drawDayChart } from '../drawing/day-chart.ts';
import type { DrawChart } from '../drawing/draw-chart.ts';
import { renderFigure, type LegendEntry } from '../drawing/figure.ts';
import { formatCount, formatDay, formatRate } from '../drawing/format.ts';
import { html, type Html } from '../drawing/html.ts';
import type { DayTotals, ReportData } from '../data/report-data.ts';
import { renderSection, shadeLegend } from './section.ts';

/** How the share of failed runs moved. */
export function renderFailureRate(report: ReportData, drawChart: DrawChart): Html {
  const { daily } = report;
  const shaded = shadedDays(report);
  const legend: readonly LegendEntry[] = [
    { colour: 'heat2', label: 'one day' },
    { colour: 'failed', label: 'seven days up to it', mark: 'line' },
    ...shadeLegend(shaded),
  ];
  const drawing = drawDayChart(
    {
      days: daily.map(({ day }) => day),
      shaded,
      axisMax: 0.1,
      limit: 1,
      formatValue: (value) => `${Math.round(value * 1000) / 10}%`,
      series: [
        { kind: 'bars', colour: 'heat2', values: daily.map(({ failureRate }) => failureRate) },
        { kind: 'line', colour: 'failed', values: daily.map(({ weekFailureRate }) => weekFailureRate) },
      ],
    },
    drawChart,
  );
  const uncovered = countUncovered(report);
  return renderSection(
    'failure-rate',
    'Failure rate',
    html`Failed runs among those that completed or failed, by the day on which they were created.`,
    renderFigure({
      drawing: report.totals.failureRate === null ? null : drawing,
      legend,
      summary: describeRates(report),
      table: {
        caption: 'Failure rate by day',
        columns: [
          { title: 'Day' },
          { title: 'Completed', isNumber: true },
          { title: 'Failed', isNumber: true },
          { title: 'Failure rate', isNumber: true },
          { title: 'Over 7 days', isNumber: true },
          { title: 'Monitors not read', isNumber: true },
        ],
        rows: daily
          .map((day, index) => [
            formatDay(day.day),
            formatCount(day.completed),
            formatCount(day.failed),
            formatRate(day.failureRate),
            formatRate(day.weekFailureRate),
            formatCount(uncovered[index] ?? 0),
          ])
          .toReversed(),
      },
    }),
  );
}

function describeRates({ daily, totals }: ReportData): string {
  if (totals.failureRate === null) return 'No run completed or failed in this time.';
  const worst = daily.reduce<DayTotals | null>(
    (found, day) => ((day.failureRate ?? -1) > (found?.failureRate ?? -1) ? day : found),
    null,
  );
  const overall = `${formatRate(totals.failureRate)} over the whole time`;
  if (totals.failed === 0 || worst === null) return `${overall}: nothing failed.`;
  return `${overall}; the worst day was ${formatDay(worst.day)} with ${formatRate(worst.failureRate)}.`;
}

import { shadedDays } from '../data/coverage.ts';
import { drawDayChart } from '../drawing/day-chart.ts';
import type { DrawChart } from '../drawing/draw-chart.ts';
import { renderFigure } from '../drawing/figure.ts';
import { durationUnit, formatDay, formatSeconds } from '../drawing/format.ts';
import { html, type Html } from '../drawing/html.ts';
import type { ReportData } from '../data/report-data.ts';
import { renderSection, shadeLegend } from './section.ts';

/** How long runs took. */
export function renderDurations(report: ReportData, drawChart: DrawChart): Html {
  const { daily, totals } = report;
  const shaded = shadedDays(report);
  const longest = Math.max(0, ...daily.map(({ p95Seconds }) => p95Seconds ?? 0));
  const { unit, secondsPerUnit } = durationUnit(longest);
  const inUnit = (seconds: number | null): number | null =>
    seconds === null ? null : seconds / secondsPerUnit;
  const drawing = drawDayChart(
    {
      days: daily.map(({ day }) => day),
      shaded,
      axisMax: 1,
      formatValue: (value) => `${value.toLocaleString('en-US')} ${unit}`,
      series: [
        {
          kind: 'line',
          colour: 'muted',
          dashed: true,
          values: daily.map(({ p95Seconds }) => inUnit(p95Seconds)),
        },
        { kind: 'line', colour: 'completed', values: daily.map(({ p50Seconds }) => inUnit(p50Seconds)) },
      ],
    },
    drawChart,
  );
  return renderSection(
    'durations',
    'Duration of runs',
    html`From creation to end, time in the queue included, of runs that ended in any way.`,
    renderFigure({
      drawing: totals.p50Seconds === null ? null : drawing,
      legend: [
        { colour: 'completed', label: 'median', mark: 'line' },
        { colour: 'muted', label: '95th percentile', mark: 'dashes' },
        ...shadeLegend(shaded),
      ],
      summary:
        totals.p50Seconds === null
          ? 'No run ended in this time.'
          : `Half of the runs took ${formatSeconds(totals.p50Seconds)} or less, 95% took ${formatSeconds(totals.p95Seconds)} or less.`,
      table: {
        caption: 'Duration of runs by day',
        columns: [
          { title: 'Day' },
          { title: 'Median', isNumber: true },
          { title: '95th percentile', isNumber: true },
        ],
        rows: daily
          .map(({ day, p50Seconds, p95Seconds }) => [
            formatDay(day),
            formatSeconds(p50Seconds),
            formatSeconds(p95Seconds),
          ])
          .toReversed(),
      },
    }),
  );
}

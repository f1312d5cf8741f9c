import { shadedDays } from '../data/coverage.ts';
import { drawDayChart } from '../drawing/day-chart.ts';
import type { DrawChart } from '../drawing/draw-chart.ts';
import { renderFigure } from '../drawing/figure.ts';
import { formatCount, formatCounted, formatDay } from '../drawing/format.ts';
import { html, type Html } from '../drawing/html.ts';
import type { ReportData } from '../data/report-data.ts';
import { renderSection, shadeLegend } from './section.ts';

/** Failed ones at the bottom, so that their number can be read off the axis. */
const statuses = ['failed', 'completed', 'canceled', 'open'] as const;

/** How many runs there were, and how they ended. */
export function renderStatuses(report: ReportData, drawChart: DrawChart): Html {
  const { daily, totals } = report;
  const shaded = shadedDays(report);
  const drawing = drawDayChart(
    {
      days: daily.map(({ day }) => day),
      shaded,
      axisMax: 4,
      wholeNumbers: true,
      formatValue: formatCount,
      series: statuses.map((status) => ({
        kind: 'bars',
        colour: status,
        values: daily.map((day) => day[status]),
      })),
    },
    drawChart,
  );
  const summary =
    totals.runs === 0
      ? 'No runs in this time.'
      : `${formatCounted(totals.runs, 'run')}: ${statuses.map((status) => `${formatCount(totals[status])} ${status}`).join(', ')}.`;
  return renderSection(
    'statuses',
    'Runs by status',
    html`Runs by the day on which they were created. Open runs have not ended yet.`,
    renderFigure({
      drawing: totals.runs === 0 ? null : drawing,
      legend: [...statuses.map((status) => ({ colour: status, label: status })), ...shadeLegend(shaded)],
      summary,
      table: {
        caption: 'Runs by day and status',
        columns: [
          { title: 'Day' },
          ...['Runs', 'Failed', 'Completed', 'Canceled', 'Open'].map((title) => ({ title, isNumber: true })),
        ],
        rows: daily
          .map((day) => [
            formatDay(day.day),
            formatCount(day.runs),
            ...statuses.map((status) => formatCount(day[status])),
          ])
          .toReversed(),
      },
    }),
  );
}

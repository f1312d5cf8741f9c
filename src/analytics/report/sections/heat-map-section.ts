import { todayOf } from '../data/coverage.ts';
import { isCovered, planSpans, type DaySpan } from '../data/days.ts';
import { renderLegend } from '../drawing/figure.ts';
import { formatCount, formatCounted, formatDay, shorten } from '../drawing/format.ts';
import { html, type Html } from '../drawing/html.ts';
import { renderMonitorName } from '../data/monitor-name.ts';
import type { MonitorReport, ReportData } from '../data/report-data.ts';
import { renderSection } from './section.ts';

/** More columns than this cannot be told apart on a phone. */
const maxColumns = 45;

/** When which monitor failed. A table rather than a drawing: every cell can be pointed at, copied and heard. */
export function renderHeatMap(report: ReportData): Html {
  const { daily, monitors, freshness } = report;
  const spans = planSpans(
    daily.map(({ day }) => day),
    maxColumns,
  );
  const which =
    monitors.length < freshness.monitors
      ? `The ${formatCount(monitors.length)} of ${formatCounted(freshness.monitors, 'monitor')} with most failed runs.`
      : 'Those with most failed runs first.';
  const unit = spans[0]?.firstDay === spans[0]?.lastDay ? 'day' : 'span of days';
  return renderSection(
    'heat-map',
    'Failures by monitor and day',
    html`${which} Each field is a ${unit}; pointing at it shows the numbers.`,
    monitors.length === 0
      ? html`<p>No monitors.</p>`
      : html`${renderLegend([
            { colour: 'heat0', label: 'none failed' },
            { colour: 'heat1', label: 'up to 10%' },
            { colour: 'heat2', label: 'up to 25%' },
            { colour: 'heat3', label: 'up to 50%' },
            { colour: 'heat4', label: 'more' },
            { colour: 'line', label: 'no run ended', mark: 'hollow' },
            { colour: 'muted', label: 'not read', mark: 'hatched' },
          ])}
          <table class="heat">
            <caption class="unseen">
              Failed runs by monitor and day
            </caption>
            <thead>
              ${renderHead(spans)}
            </thead>
            <tbody>
              ${monitors.map((monitor, index) => renderRow(monitor, index + 1, { spans, today: todayOf(report) }))}
            </tbody>
          </table>`,
  );
}

const spansPerLabel = 7;

/** Dates for the eye over every seventh column, counted from the newest; for the ear over each one. */
function renderHead(spans: readonly DaySpan[]): Html {
  const first = spans.length % spansPerLabel;
  const groups = Array.from({ length: Math.floor(spans.length / spansPerLabel) }, (_, index) => ({
    width: spansPerLabel,
    span: spans[first + index * spansPerLabel],
  }));
  return html`<tr aria-hidden="true">
      <td></td>
      ${first === 0 ? null : html`<td colspan="${first}"></td>`}${groups.map(
        ({ width, span }) =>
          html`<td class="date" colspan="${width}">
            ${span === undefined ? null : formatDay(span.firstDay)}
          </td>`,
      )}
    </tr>
    <tr class="unseen-row">
      <th scope="col"><b>Monitor</b></th>
      ${spans.map((span) => html`<th scope="col"><b>${describeSpan(span)}</b></th>`)}
    </tr>`;
}

function renderRow(
  monitor: MonitorReport,
  rank: number,
  { spans, today }: { readonly spans: readonly DaySpan[]; readonly today: string },
): Html {
  const name = monitor.name === null ? monitor.monitorId : `${monitor.name} (${monitor.monitorId})`;
  return html`<tr>
    <th scope="row" title="${shorten(name, 200)}">${renderMonitorName(monitor, rank)}</th>
    ${spans.map((span) => renderCell(monitor, span, today))}
  </tr> `;
}

function renderCell(monitor: MonitorReport, span: DaySpan, today: string): Html {
  const days = monitor.daily.filter(({ day }) => day >= span.firstDay && day <= span.lastDay);
  const failed = days.reduce((sum, day) => sum + day.failed, 0);
  const rated = failed + days.reduce((sum, day) => sum + day.completed, 0);
  const isKnown = isCovered(span.lastDay, monitor.coveredDay, today);
  const [style, text] =
    rated > 0
      ? [heatClass(failed / rated), `${formatCount(failed)} of ${formatCount(rated)} failed`]
      : isKnown
        ? ['none', 'no run ended']
        : ['unread', 'not read'];
  return html`<td class="${style}" title="${describeSpan(span)}: ${text}"><b>${text}</b></td>`;
}

function heatClass(rate: number): string {
  if (rate === 0) return 'heat0';
  if (rate <= 0.1) return 'heat1';
  if (rate <= 0.25) return 'heat2';
  return rate <= 0.5 ? 'heat3' : 'heat4';
}

function describeSpan({ firstDay, lastDay }: DaySpan): string {
  return firstDay === lastDay ? formatDay(firstDay) : `${formatDay(firstDay)} to ${formatDay(lastDay)}`;
}

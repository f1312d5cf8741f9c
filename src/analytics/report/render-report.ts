import { listDays } from './data/days.ts';
import type { DrawChart } from './drawing/draw-chart.ts';
import { renderDurations } from './sections/duration-section.ts';
import { renderFailureRate } from './sections/failure-rate-section.ts';
import { formatCounted, formatInstant, formatLongDay } from './drawing/format.ts';
import { renderFreshnessBanner } from './sections/freshness-banner.ts';
import { renderHeatMap } from './sections/heat-map-section.ts';
import { html, unescapedHtml, type Html } from './drawing/html.ts';
import { renderKeyFigures } from './sections/key-figures.ts';
import { renderStyle } from './drawing/page-style.ts';
import { renderReasons } from './sections/reasons-section.ts';
import type { ReportData } from './data/report-data.ts';
import { renderStatuses } from './sections/status-section.ts';
import { renderWorstMonitors } from './sections/worst-monitors-section.ts';

/**
 * The second lock behind the escaping: were there ever a script or an address in the page, the browser would neither run
 * nor fetch it.
 */
const contentSecurityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/**
 * The report as one HTML document that needs nothing else: no script, no font, no network.
 * @param version of this program, for the footer
 */
export function renderReport(report: ReportData, drawChart: DrawChart, version: string): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${`Exa monitor runs, ${describePeriod(report)}`}</title>
        <style>
          ${unescapedHtml(renderStyle())}
        </style>
      </head>
      <body>
        <div class="sheet">
          <header>
            <h1>Exa monitor runs</h1>
            <p class="period">${describePeriod(report)} · ${describeSelection(report)}</p>
          </header>
          <main>
            ${renderFreshnessBanner(report.freshness)} ${renderKeyFigures(report)}
            ${renderFailureRate(report, drawChart)} ${renderStatuses(report, drawChart)}
            ${renderHeatMap(report)} ${renderDurations(report, drawChart)} ${renderReasons(report)}
            ${renderWorstMonitors(report, drawChart)}
          </main>
          <footer>
            <p>
              Failure rate: failed / (completed + failed). Canceled and open runs count on neither side. Days
              and times are UTC; a run belongs to the day on which it was created. Runs that Exa no longer has
              are included.
            </p>
            <p>Made ${formatInstant(report.generatedAt)} by exa-monitor-sync ${version}.</p>
          </footer>
        </div>
      </body>
    </html> `;
  return page.text;
}

function describePeriod({ selection, generatedAt }: ReportData): string {
  const days = listDays(generatedAt.slice(0, 10), selection.days);
  const lastDay = formatLongDay(days.at(-1) ?? generatedAt);
  return days.length === 1 ? lastDay : `${formatLongDay(days[0] ?? generatedAt)} to ${lastDay}`;
}

function describeSelection({ selection, freshness }: ReportData): Html {
  const { monitorId, websetId } = selection;
  const parts = [
    monitorId === null ? null : html`monitor <code>${monitorId}</code>`,
    websetId === null ? null : html`webset <code>${websetId}</code>`,
  ].filter((part) => part !== null);
  const monitors = formatCounted(freshness.monitors, 'monitor');
  if (parts.length === 0) return html`${freshness.monitors < 2 ? monitors : `all ${monitors}`}`;
  const [first, second] = parts;
  const named = second === undefined ? html`${first ?? null}` : html`${first ?? null} of ${second}`;
  return monitorId === null ? html`${named} with ${monitors}` : named;
}

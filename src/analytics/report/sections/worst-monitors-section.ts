import type { DrawChart } from '../drawing/draw-chart.ts';
import { renderTable } from '../drawing/figure.ts';
import { formatCount, formatCounted, formatRate, formatShortInstant, shorten } from '../drawing/format.ts';
import { html, type Html } from '../drawing/html.ts';
import { renderMonitorName } from '../data/monitor-name.ts';
import type { MonitorReport, ReportData } from '../data/report-data.ts';
import { renderSection } from './section.ts';
import { drawSparkline } from '../drawing/sparkline.ts';
import { describeVerdict } from '../data/verdicts.ts';

const listed = 15;

/** The monitors that failed most, each with its history in small. */
export function renderWorstMonitors({ monitors, daily }: ReportData, drawChart: DrawChart): Html {
  const worst = monitors.filter(({ failed }) => failed > 0).slice(0, listed);
  const days = daily.map(({ day }) => day);
  return renderSection(
    'worst-monitors',
    'Monitors that failed most',
    html`The small bars are the failed runs and, fainter, the others, day by day. The verdict is of now.`,
    worst.length === 0
      ? html`<p>No monitor failed in this time.</p>`
      : renderTable({
          caption: 'Monitors that failed most',
          stacks: true,
          columns: [
            { title: 'Monitor' },
            { title: 'Verdict' },
            { title: 'Failed', isNumber: true },
            { title: 'Runs', isNumber: true },
            { title: 'Failure rate', isNumber: true },
            { title: 'In a row', isNumber: true },
            { title: 'Last success', isNumber: true },
            { title: 'By day' },
          ],
          rows: worst.map((monitor, index) => [
            html`${renderMonitorName(monitor, index + 1)} ${renderWebset(monitor)}`,
            describeVerdict(monitor.verdict),
            formatCount(monitor.failed),
            formatCount(monitor.runs),
            formatRate(monitor.failureRate),
            formatCount(monitor.failureStreak),
            formatShortInstant(monitor.lastSuccessAt),
            renderSpark(monitor, drawSparkline(monitor.daily, days, drawChart)),
          ]),
        }),
  );
}

/** Search Monitors have none. */
function renderWebset({ websetId }: MonitorReport): Html | null {
  return websetId === null
    ? null
    : html`<span class="example">webset <code>${shorten(websetId, 60)}</code></span>`;
}

function renderSpark(monitor: MonitorReport, drawing: Html): Html {
  return html`<span role="img" class="spark" aria-label="${describeDays(monitor)}">${drawing}</span>`;
}

function describeDays({ daily }: MonitorReport): string {
  const failing = daily.filter(({ failed }) => failed > 0).length;
  return `failed on ${formatCount(failing)} of ${formatCounted(daily.length, 'day')} with runs`;
}

import { formatCount, formatCounted, formatRate, formatSeconds } from '../drawing/format.ts';
import { html, type Html } from '../drawing/html.ts';
import type { ReportData } from '../data/report-data.ts';
import { describeVerdict, verdictOrder } from '../data/verdicts.ts';

/** The few numbers that a reader looks for first. */
export function renderKeyFigures(report: ReportData): Html {
  const { totals, previous, selection } = report;
  const before = `${formatCounted(selection.days, 'day')} before`;
  const tiles = [
    {
      title: 'Failure rate',
      value: formatRate(totals.failureRate),
      note: `${describeChange(totals.failureRate, previous.failureRate)} ${before}`,
    },
    {
      title: 'Failed runs',
      value: formatCount(totals.failed),
      note: `of ${formatCounted(totals.runs, 'run')}; ${formatCount(previous.failed)} in the ${before}`,
    },
    {
      title: 'Duration, median',
      value: formatSeconds(totals.p50Seconds),
      note:
        totals.p95Seconds === null ? 'no run ended' : `95% end within ${formatSeconds(totals.p95Seconds)}`,
    },
  ];
  return html`<section aria-labelledby="key-figures">
    <h2 id="key-figures" class="unseen">Key figures</h2>
    <dl class="tiles">
      ${tiles.map(
        ({ title, value, note }) =>
          html`<div class="tile">
            <dt>${title}</dt>
            <dd class="value">${value}</dd>
            <dd class="note">${note}</dd>
          </div> `,
      )}
      <div class="tile">
        <dt>Monitors now</dt>
        <dd>${renderVerdicts(report.verdicts)}</dd>
      </div>
    </dl>
  </section>`;
}

function describeChange(rate: number | null, before: number | null): string {
  if (before === null) return 'no runs to compare with in the';
  if (rate === null) return `${formatRate(before)} in the`;
  const points = Math.abs(rate - before) * 100;
  if (points < 0.05) return 'as in the';
  return `${rate > before ? 'up' : 'down'} from ${formatRate(before)} in the`;
}

function renderVerdicts(verdicts: ReportData['verdicts']): Html {
  const known = verdictOrder.filter((verdict) => (verdicts[verdict] ?? 0) > 0);
  const others = Object.keys(verdicts).filter((verdict) => !verdictOrder.includes(verdict));
  const entries = [...known, ...others];
  if (entries.length === 0) return html`<span class="note">none</span>`;
  return html`<ul class="verdicts">
    ${entries.map(
      (verdict) =>
        html`<li>
          <span class="count">${formatCount(verdicts[verdict] ?? 0)}</span> ${describeVerdict(verdict)}
        </li>`,
    )}
  </ul>`;
}

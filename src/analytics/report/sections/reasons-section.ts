import { renderTable } from '../drawing/figure.ts';
import { formatCount, formatCounted, formatRate, formatShortInstant, shorten } from '../drawing/format.ts';
import { html, type Html } from '../drawing/html.ts';
import type { ReasonReport, ReportData } from '../data/report-data.ts';
import { renderSection } from './section.ts';

/** Why runs failed. */
export function renderReasons({ reasons, distinctReasons, totals }: ReportData): Html {
  const listed =
    reasons.length < distinctReasons
      ? `The ${formatCount(reasons.length)} most frequent of ${formatCounted(distinctReasons, 'kind')}.`
      : 'Most frequent first.';
  return renderSection(
    'reasons',
    'Reasons of failures',
    html`Grouped after ids, numbers and addresses were taken out. ${listed}`,
    reasons.length === 0
      ? html`<p>No run failed in this time.</p>`
      : renderTable({
          caption: 'Reasons of failures',
          stacks: true,
          columns: [
            { title: 'Reason' },
            { title: 'Failed runs', isNumber: true },
            { title: 'Share', isNumber: true },
            { title: 'Monitors', isNumber: true },
            { title: 'Last seen', isNumber: true },
          ],
          rows: reasons.map((reason) => [
            renderReason(reason),
            formatCount(reason.failures),
            renderShare(totals.failed === 0 ? 0 : reason.failures / totals.failed),
            formatCount(reason.monitors),
            formatShortInstant(reason.lastSeenAt),
          ]),
        }),
  );
}

function renderReason({ reason, example }: ReasonReport): Html {
  const text = shorten(reason, 160);
  if (example === null || example === reason) return html`<span class="quote">${text}</span>`;
  return html`<span class="quote">${text}</span>
    <span class="example">such as: <span class="quote">${shorten(example, 200)}</span></span>`;
}

function renderShare(share: number): Html {
  const width = (share * 100).toFixed(1);
  const bar = html`<span class="bar" style="width: ${width}%"></span>`;
  return html`<span class="share">${bar}</span> <span class="percent">${formatRate(share)}</span>`;
}

import { shorten } from '../drawing/format.ts';
import { html, type Html } from '../drawing/html.ts';
import type { MonitorReport } from './report-data.ts';

/**
 * A monitor's rank, what it searches for, and its id; where its behavior does not say what, the id alone. The rank is the
 * same all over the report, and tells monitors apart that search for the same thing.
 */
export function renderMonitorName(
  { monitorId, query }: Pick<MonitorReport, 'monitorId' | 'query'>,
  rank: number,
): Html {
  const id = html`<code>${shorten(monitorId, 60)}</code>`;
  const name = query === null ? id : html`<span class="query">${shorten(query, 90)}</span> ${id}`;
  return html`<span class="rank">${rank}</span> ${name}`;
}

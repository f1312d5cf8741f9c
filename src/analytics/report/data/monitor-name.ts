import { shorten } from '../drawing/format.ts';
import { html, type Html } from '../drawing/html.ts';
import type { MonitorReport } from './report-data.ts';

/**
 * A monitor's rank, what people call it, and its id; where it is called nothing else, the id alone. The rank is the
 * same all over the report, and tells monitors apart that search for the same thing.
 */
export function renderMonitorName(
  { monitorId, name }: Pick<MonitorReport, 'monitorId' | 'name'>,
  rank: number,
): Html {
  const id = html`<code>${shorten(monitorId, 60)}</code>`;
  const named = name === null ? id : html`<span class="query">${shorten(name, 90)}</span> ${id}`;
  return html`<span class="rank">${rank}</span> ${named}`;
}

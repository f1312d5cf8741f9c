import type { LegendEntry } from '../drawing/figure.ts';
import { html, type Html } from '../drawing/html.ts';

/** A part of the report under a heading of its own. */
export function renderSection(id: string, title: string, note: Html, body: Html): Html {
  return html`<section class="card" aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    <p class="note">${note}</p>
    ${body}
  </section>`;
}

/** What the shade of a chart over days means, when there is one. */
export function shadeLegend(shaded: readonly boolean[]): readonly LegendEntry[] {
  return shaded.includes(true)
    ? [{ colour: 'shade', label: 'not read yet for half of the monitors or more' }]
    : [];
}

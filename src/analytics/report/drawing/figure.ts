import { html, type Html, type HtmlValue } from './html.ts';
import type { Theme } from './palette.ts';

export interface LegendEntry {
  readonly colour: keyof Theme;
  readonly label: string;
  /** How the colour is drawn. Default: as an area. */
  readonly mark?: 'line' | 'dashes' | 'hollow' | 'hatched';
}

export interface Figure {
  /** Null when there is nothing to draw; the summary then says so. */
  readonly drawing: Html | null;
  readonly legend: readonly LegendEntry[];
  /** What the drawing shows, in a sentence: what a reader who does not see it hears. */
  readonly summary: string;
  readonly table: DataTable;
}

export interface DataTable {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly HtmlValue[])[];
  /** On a phone every row becomes a block of its own instead of scrolling sideways. */
  readonly stacks?: boolean;
}

interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
}

/** A drawing with its legend and, to be unfolded, its numbers. */
export function renderFigure({ drawing, legend, summary, table }: Figure): Html {
  if (drawing === null) return html`<p>${summary}</p>`;
  return html`<figure>
      ${renderLegend(legend)}
      <div role="img" aria-label="${summary}">${drawing}</div>
      <figcaption>${summary}</figcaption>
    </figure>
    <details>
      <summary>The numbers</summary>
      ${renderTable(table)}
    </details>`;
}

export function renderLegend(entries: readonly LegendEntry[]): Html {
  return html`<ul class="legend">
    ${entries.map(
      ({ colour, label, mark }) =>
        html`<li><span class="key ${mark ?? 'area'}" style="color: var(--${colour})"></span>${label}</li>`,
    )}
  </ul>`;
}

/** The first column heads its rows. A wide table scrolls by itself, also by keyboard. */
export function renderTable({ caption, columns, rows, stacks = false }: DataTable): Html {
  const kind = (index: number): Html | null =>
    columns[index]?.isNumber === true ? html` class="number"` : null;
  // The title goes along with each cell, since a stacked row has no column heads above it.
  const title = (index: number): Html | null =>
    stacks ? html` data-title="${columns[index]?.title ?? ''}"` : null;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}">
    <table class="${stacks ? 'stacks' : 'days'}">
      <caption class="unseen">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((column, index) => html`<th scope="col" ${kind(index)}>${column.title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([head, ...cells]) =>
            html`<tr>
              <th scope="row" ${kind(0)}>${head ?? null}</th>
              ${cells.map((cell, index) => html`<td${kind(index + 1)}${title(index + 1)}>${cell}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

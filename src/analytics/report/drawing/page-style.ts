import { renderThemes } from './palette.ts';

/** The report's style sheet. */
export function renderStyle(): string {
  return [renderThemes(), layout, banner, tables, charts, heatMap, phone, paper].join('\n');
}

const layout = `
*, *::before { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
.sheet { max-width: 1080px; margin: 0 auto; padding: 40px 24px 48px; }
.sheet, main { display: grid; grid-template-columns: minmax(0, 1fr); gap: 20px; }
h1 { margin: 0; font-size: 28px; line-height: 1.2; letter-spacing: -0.01em; font-weight: 650; }
h2 { margin: 0; font-size: 18px; line-height: 1.3; font-weight: 650; }
p { margin: 0; }
.period { margin-top: 6px; color: var(--muted); }
.note { color: var(--muted); font-size: 14px; }
.card, .tile { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; }
.card { padding: 22px 24px 20px; }
.card > h2 + .note { margin: 2px 0 14px; }
code, .quote { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.86em;
  overflow-wrap: anywhere; unicode-bidi: isolate; }
.unseen, .heat b { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
footer { color: var(--muted); font-size: 13px; display: grid; gap: 4px; }
.tiles { margin: 0; display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 16px; }
.tile { padding: 16px 18px; }
.tile dt { color: var(--muted); font-size: 14px; }
.tile dd { margin: 0; }
.tile .value { font-size: 30px; line-height: 1.25; font-weight: 650; letter-spacing: -0.02em; }
.verdicts { list-style: none; margin: 4px 0 0; padding: 0; display: grid; grid-template-columns: auto 1fr; gap: 0 8px; }
.verdicts li { display: contents; }
.verdicts .count { text-align: right; font-variant-numeric: tabular-nums; font-weight: 650; }
.verdict:not(.unknown) { white-space: nowrap; }
.banner, .period, .tile, .verdict { overflow-wrap: anywhere; }
.verdict { unicode-bidi: isolate; }
.verdict::before { content: ""; display: inline-block; width: 8px; height: 8px; margin-right: 7px; border-radius: 50%; background: var(--canceled); }
.verdict.failing::before { background: var(--failed); border-radius: 1px; }
.verdict.degraded::before { background: var(--open); border-radius: 50% 50% 0 0; }
.verdict.healthy::before { background: var(--completed); }
.verdict.unproven::before, .verdict.disabled::before { background: none; border: 2px solid var(--canceled); }`;

const banner = `
.banner { border: 1px solid; border-left-width: 6px; border-radius: 10px; padding: 14px 20px; }
.banner h2 { font-size: 16px; }
.banner p, .banner li { color: var(--ink); font-size: 14px; }
.banner ul { margin: 6px 0 0; padding-left: 20px; }
.banner.fresh { background: var(--goodSurface); color: var(--good); }
.banner.incomplete { background: var(--warningSurface); color: var(--warning); }
.banner.stale, .banner.unsynced { background: var(--badSurface); color: var(--bad); }`;

const tables = `
.scroll { overflow-x: auto; }
.scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--completed); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 8px 16px 8px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--muted); font-size: 13px; vertical-align: bottom; padding-top: 0; white-space: nowrap; }
tbody tr:last-child > * { border-bottom: 0; }
.number { text-align: right; white-space: nowrap; }
.stacks tbody th { min-width: 240px; }
.query { font-weight: 550; overflow-wrap: anywhere; unicode-bidi: isolate; }
.stacks .query + code { display: block; }
.rank { color: var(--muted); font-size: 13px; }
.stacks tbody th { position: relative; }
.stacks tbody th:has(.rank) { padding-left: 28px; }
.stacks .rank { position: absolute; left: 0; width: 18px; text-align: right; line-height: 21px; }
th code, .example { color: var(--muted); }
.example { display: block; font-size: 13px; margin-top: 2px; }
.percent { display: inline-block; min-width: 3.6em; text-align: right; }
.share { display: inline-block; width: 64px; height: 8px; border-radius: 2px; background: var(--shade); text-align: left; vertical-align: 1px; }
.share .bar { display: block; height: 100%; border-radius: 2px; background: var(--failed); }
.spark { display: block; width: 150px; }
details { margin-top: 12px; font-size: 14px; }
summary { cursor: pointer; color: var(--muted); width: max-content; }
details .scroll { margin-top: 12px; max-height: 360px; overflow: auto; }
details th, details td { padding: 4px 16px 4px 0; }`;

const charts = `
figure { margin: 0; }
figcaption { margin-top: 8px; font-size: 14px; }
svg { display: block; width: 100%; height: auto; }
.narrow { display: none; }
/* Neighbours of the same shade must not show a seam. */
svg [fill="var(--shade)"] { shape-rendering: crispEdges; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 0 0 10px; padding: 0; font-size: 13px; color: var(--muted); }
.legend li { display: flex; align-items: center; gap: 7px; }
.key { flex: none; width: 12px; height: 12px; border-radius: 2px; background: currentColor; }
.key.line, .key.dashes { height: 0; width: 20px; border-radius: 0; background: none; border-top: 3px solid; }
.key.dashes { border-top-style: dashed; }
.key.hollow { background: none; border: 1px solid; }
.key.hatched { background: repeating-linear-gradient(135deg, currentColor 0 1px, transparent 1px 4px); }`;

const heatMap = `
.heat { table-layout: fixed; border-collapse: separate; border-spacing: 2px; font-size: 13px; }
.heat td, .heat th { padding: 0; border: 0; border-radius: 2px; position: relative; }
.heat thead tr > :first-child { width: 30%; }
.heat tbody th { padding-right: 10px; font-size: 13px; line-height: 20px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.heat .query { font-weight: 400; }
.heat .query + code { display: none; }
.heat .rank { display: inline-block; width: 18px; margin-right: 6px; text-align: right; }
.heat tbody td { height: 20px; }
.heat .date { color: var(--muted); font-size: 12px; white-space: nowrap; overflow: visible; }
.heat .unseen-row th { height: 0; line-height: 0; }
.heat .heat0 { background: var(--heat0); }
.heat .heat1 { background: var(--heat1); }
.heat .heat2 { background: var(--heat2); }
.heat .heat3 { background: var(--heat3); }
.heat .heat4 { background: var(--heat4); }
.heat .none { box-shadow: inset 0 0 0 1px var(--line); }
.heat .unread { background: repeating-linear-gradient(135deg, var(--muted) 0 1px, transparent 1px 4px); }`;

const phone = `
@media screen and (max-width: 860px) {
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); }
}
@media screen and (max-width: 640px) {
  .sheet { padding: 24px 12px 32px; }
  .sheet, main { gap: 14px; }
  h1 { font-size: 24px; }
  .card { padding: 18px 14px 16px; }
  .tiles { gap: 10px; }
  .tile { padding: 12px 14px; }
  .tile .value { font-size: 24px; }
  .banner { padding: 12px 14px; }
  .wide { display: none; }
  .narrow { display: block; }
  .heat { border-spacing: 1px; }
  .heat tbody th { font-size: 12px; padding-right: 4px; }
  .stacks, .stacks tbody { display: block; }
  .stacks thead { display: none; }
  .stacks tr { display: flex; flex-wrap: wrap; gap: 6px 18px; padding: 12px 0; border-bottom: 1px solid var(--line); }
  .stacks tr:last-child { border-bottom: 0; padding-bottom: 0; }
  .stacks tbody th { flex: 0 0 100%; min-width: 0; }
  .stacks tr > * { padding: 0; border: 0; text-align: left; }
  .stacks tbody th:has(.rank) { padding-left: 28px; }
  .stacks .share { display: none; }
  .percent { min-width: 0; }
  .stacks td::before { content: attr(data-title); display: block; color: var(--muted); font-size: 12px; }
  .heat td, .heat th { border-radius: 1px; }
}`;

const paper = `
@media print {
  @page { margin: 14mm; }
  html { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { background: none; font-size: 12px; }
  .sheet { max-width: none; padding: 0; }
  .sheet, main { gap: 14px; }
  .card { padding: 14px 16px; }
  .tile, .banner, figure, .heat, tr { break-inside: avoid; }
  h2, .note, .legend, thead { break-after: avoid; }
  details { display: none; }
  .scroll { overflow: visible; }
  .stacks tbody th { min-width: 0; }
  table, thead th, .note, figcaption, .legend, .example, .rank, .heat tbody th, .banner p, .banner li, footer { font-size: 10.5px; }
  .tile .value { font-size: 22px; }
  th, td { padding: 5px 10px 5px 0; }
  .share { display: none; }
  .heat tbody td { height: 15px; }
  .heat tbody th { line-height: 15px; }
  .stacks .rank { line-height: 16px; }
  .number { white-space: normal; }
  .spark { width: 110px; }
}`;

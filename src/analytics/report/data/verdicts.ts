import { html, type Html } from '../drawing/html.ts';

/** The verdicts of `monitor_health`, those first that a person should look at. */
export const verdictOrder: readonly string[] = [
  'failing',
  'silent',
  'degraded',
  'unproven',
  'disabled',
  'healthy',
];

/** A verdict as a coloured word; one that this version does not know keeps its name. */
export function describeVerdict(verdict: string): Html {
  const tone = verdictOrder.includes(verdict) ? verdict : 'unknown';
  return html`<span class="verdict ${tone}">${verdict.replaceAll('_', ' ')}</span>`;
}

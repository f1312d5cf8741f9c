import { formatCount, formatCounted, formatInstant, shorten } from '../drawing/format.ts';
import { html, type Html } from '../drawing/html.ts';
import type { CycleReport, Freshness, TroubledMonitor } from '../data/report-data.ts';

/** How far a reader may trust that what the report does not show did not happen. */
export type Trust = 'unsynced' | 'stale' | 'incomplete' | 'fresh';

export function judgeFreshness({ monitors, ...freshness }: Freshness): Trust {
  const { lastCycle, unknownMonitors, staleMonitors } = freshness;
  if (lastCycle === null || (monitors > 0 && unknownMonitors === monitors)) return 'unsynced';
  if (staleMonitors > 0) return 'stale';
  if (monitors === 0 && lastCycle.status !== 'succeeded') return 'stale';
  const { unreadableMonitors, unfinishedWalks, rejectedRuns } = freshness;
  const isWhole = unreadableMonitors + unfinishedWalks + rejectedRuns === 0;
  return isWhole && lastCycle.status === 'succeeded' ? 'fresh' : 'incomplete';
}

const headlines: Readonly<Record<Trust, string>> = {
  unsynced: 'Not synced yet: there is nothing to report on',
  stale: 'Out of date: an empty day may be a day that was not read',
  incomplete: 'Nearly up to date: something is missing',
  fresh: 'Up to date',
};

export function renderFreshnessBanner(freshness: Freshness): Html {
  const trust = judgeFreshness(freshness);
  return html`<section class="banner ${trust}" aria-labelledby="freshness">
    <h2 id="freshness">${headlines[trust]}</h2>
    <p>${describeCoverage(freshness, trust)} ${describeCycles(freshness)}</p>
    ${renderGaps(freshness)} ${renderTroubled(freshness.troubled)}
  </section>`;
}

function describeCoverage(freshness: Freshness, trust: Trust): string {
  const { monitors, staleMonitors, coveredThrough } = freshness;
  const all = monitors === 1 ? 'the monitor' : `all ${formatCounted(monitors, 'monitor')}`;
  if (trust === 'unsynced') return 'No failures here does not mean that nothing failed.';
  if (monitors === 0) return 'There are no monitors at Exa.';
  if (staleMonitors > 0) {
    const which =
      monitors === 1 ? '' : ` of ${formatCount(staleMonitors)} of ${formatCounted(monitors, 'monitor')}`;
    return `The runs of the last 24 hours${which} are not known.`;
  }
  return `Every run of ${all} up to ${formatInstant(coveredThrough)} is known.`;
}

function describeCycles({ lastCycle, runningSince }: Freshness): Html {
  const running =
    runningSince === null ? null : ` A sync has been running since ${formatInstant(runningSince)}.`;
  return html`${describeLastCycle(lastCycle)}${running}`;
}

function describeLastCycle(cycle: CycleReport | null): Html {
  if (cycle === null) return html`No sync has ended yet.`;
  const outcome = cycle.status === 'succeeded' ? 'succeeded' : `ended as ${cycle.status}`;
  const error = cycle.error === null ? null : html`: <span class="quote">${shorten(cycle.error, 200)}</span>`;
  return html`The last sync, started ${formatInstant(cycle.startedAt)}, ${outcome}${error}.`;
}

function renderGaps({ unreadableMonitors, unfinishedWalks, rejectedRuns }: Freshness): Html | null {
  const gaps = [
    unreadableMonitors > 0 ? `${formatCounted(unreadableMonitors, 'monitor')} could not be read` : null,
    unfinishedWalks > 0 ? `the reading of ${formatCounted(unfinishedWalks, 'monitor')} is unfinished` : null,
    rejectedRuns > 0 ? `${formatCounted(rejectedRuns, 'run')} could not be stored` : null,
  ].filter((gap) => gap !== null);
  return gaps.length === 0 ? null : html`<p>Missing: ${gaps.join(', ')}.</p>`;
}

function renderTroubled(troubled: readonly TroubledMonitor[]): Html | null {
  if (troubled.length === 0) return null;
  return html`<ul>
    ${troubled.map(
      ({ monitorId, coveredThrough, lastError }) =>
        html`<li>
          <code>${shorten(monitorId, 60)}</code> ${
            coveredThrough === null ? 'was never read whole' : `known up to ${formatInstant(coveredThrough)}`
          }${lastError === null ? null : html`: <span class="quote">${shorten(lastError, 200)}</span>`}
        </li> `,
    )}
  </ul>`;
}

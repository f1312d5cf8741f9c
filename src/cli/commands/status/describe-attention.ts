import { createAnswerFormat, cut } from '../../../analytics/query/answer-formats.ts';
import type {
  Attention,
  FailureCluster,
  MonitorToLookAt,
  RatedRuns,
} from '../../../warehouse/reads/load-attention.ts';
import { formatAge, formatCount } from '../../terminal/format.ts';

/** What an owner wants to know first: which monitors need attention and why, the rate, and how far all that is known. */
export function describeAttention(attention: Attention, nowMs: number, width: number | null): string {
  const { monitors, clusters } = attention;
  return [
    describeVerdicts(attention),
    ...(monitors.length === 0 ? [] : [monitorTable(monitors, nowMs, width)]),
    ...clusters.map(describeCluster),
    describeRates(attention),
    describeFreshness(attention, nowMs),
  ].join('\n');
}

const attentive = ['failing', 'silent', 'degraded'];

function describeVerdicts({ verdicts, monitors, unreadMonitors }: Attention): string {
  const count = (names: readonly string[]): number =>
    names.reduce((sum, name) => sum + (verdicts[name] ?? 0), 0);
  const all = count(Object.keys(verdicts));
  const list = (names: readonly string[]): string =>
    names
      .filter((name) => count([name]) > 0)
      .map((name) => `${formatCount(count([name]))} ${name}`)
      .join(', ');
  if (all === 0) return 'No monitor is known yet: nothing can be said of failures.';
  const others = list(['healthy', 'unproven', 'disabled']);
  if (count(attentive) === 0) {
    // Where something was not read, nothing found is no good news.
    const asFarAs = unreadMonitors === 0 ? '' : ', as far as they are known';
    return `None of ${formatCount(all)} monitors needs attention${asFarAs}: ${others}.`;
  }
  const rest = count(attentive) - monitors.length;
  const more = rest > 0 ? `; the gravest ${monitors.length}:` : ':';
  return `${formatCount(count(attentive))} of ${formatCount(all)} monitors need attention: ${list(attentive)} (${others === '' ? 'no others' : others})${more}`;
}

function monitorTable(monitors: readonly MonitorToLookAt[], nowMs: number, width: number | null): string {
  const isMixed = new Set(monitors.map(({ account, api }) => `${account} ${api}`)).size > 1;
  const columns = ['verdict', 'monitor', 'why', 'since', ...(isMixed ? ['account', 'api'] : []), 'id'];
  const rows = monitors.map(({ verdict, name, reasons, since, account, api, monitorId }) => [
    verdict,
    cut(name, longestName),
    reasons.join(', '),
    since === null ? '' : formatAge(since, nowMs),
    ...(isMixed ? [account, api] : []),
    monitorId,
  ]);
  const format = createAnswerFormat('table', width);
  const named = columns.map((name) => ({ name, type: 0 }));
  return `${format.begin(named, rows)}${format.rows(named, rows)}`.trimEnd();
}

const longestName = 32;

function describeCluster({ day, reason, monitors, failedRuns }: FailureCluster): string {
  return `One reason for ${formatCount(monitors)} monitors on ${day} (${formatCount(failedRuns)} failed runs): ${reason}`;
}

function describeRates({ lastDays, daysBefore }: Attention): string {
  return `Failure rate of the last 7 days: ${describeRate(lastDays)}; of the 7 days before: ${describeRate(daysBefore)}.`;
}

function describeRate({ failed, rated }: RatedRuns): string {
  if (rated === 0) return 'no run that ended';
  return `${((100 * failed) / rated).toFixed(1)} % of ${formatCount(rated)} runs`;
}

function describeFreshness({ coveredThrough, unreadMonitors }: Attention, nowMs: number): string {
  const known =
    coveredThrough === null ? 'not all monitors have been read' : formatAge(coveredThrough, nowMs);
  if (unreadMonitors === 0) return `All runs are known up to: ${known}.`;
  return `All runs are known up to: ${known}. ${formatCount(unreadMonitors)} could not be read lately: no failures there may mean not read.`;
}

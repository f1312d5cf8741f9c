import { cut } from '../../../analytics/query/answer-formats.ts';
import type { CycleStatusRow, StatusTotals, WarehouseStatus } from '../../../warehouse/reads/load-status.ts';
import { describeAttention } from './describe-attention.ts';
import { formatAge, formatCount, formatDuration } from '../../terminal/format.ts';
import { renderTable } from '../../terminal/table.ts';

/**
 * The state of the warehouse at a place for people: first the monitors, then the sync itself.
 * @param nowMs what ages are counted from.
 * @param width characters of a line; null: as many as it needs.
 */
export function describeStatus(
  status: WarehouseStatus,
  place: string,
  nowMs: number,
  width: number | null,
): string {
  const text = [
    describeAttention(status.attention, nowMs, width),
    `Warehouse: ${place}`,
    describeTotals(status.totals),
    section('Accounts and APIs', sourceTable(status, nowMs), 'none with this name'),
    section('Last cycles', cycleTable(status.cycles, nowMs), 'none yet'),
    section('Freshness by monitor, worst first', freshnessTable(status, nowMs), 'no monitors yet'),
    section('Unfinished walks', unfinishedTable(status, nowMs), 'none'),
    section('Open runs, oldest first', openRunTable(status, nowMs), 'none'),
    section('Monitors that could not be read', errorTable(status, nowMs), 'none'),
  ].join('\n\n');
  if (width === null) return text;
  return text
    .split('\n')
    .map((line) => cut(line, width))
    .join('\n');
}

function describeTotals(totals: StatusTotals): string {
  const { monitors, absentMonitors, runs, openRuns, stuckRuns, rejectedRuns } = totals;
  const absent = absentMonitors > 0 ? ` (${formatCount(absentMonitors)} absent from the API)` : '';
  const stuck = stuckRuns > 0 ? ` (${formatCount(stuckRuns)} stuck)` : '';
  return `${formatCount(monitors)} monitors${absent}, ${formatCount(runs)} runs, ${formatCount(openRuns)} of them open${stuck}, ${formatCount(rejectedRuns)} rejected`;
}

function section(title: string, table: string | null, nothing: string): string {
  return table === null ? `${title}: ${nothing}` : `${title}\n${table}`;
}

function sourceTable({ sources }: WarehouseStatus, nowMs: number): string | null {
  if (sources.length === 0) return null;
  const rows = sources.map(({ account, api, monitors, lastStatus, lastCycleAt, error, unavailableSince }) => [
    account,
    api,
    formatCount(monitors),
    lastStatus ?? 'never read',
    ageOr(lastCycleAt, nowMs, ''),
    error ?? (unavailableSince === null ? '' : 'not in the plan of the account'),
  ]);
  return renderTable(['account', 'API', 'monitors', 'last', 'began', 'error'], rows, ['monitors']);
}

function cycleTable(cycles: readonly CycleStatusRow[], nowMs: number): string | null {
  if (cycles.length === 0) return null;
  const head = [
    'cycle',
    'status',
    'started',
    'took',
    'monitors',
    'failed',
    'new',
    'changed',
    'requests',
    'error',
  ];
  const rows = cycles.map((cycle) => [
    String(cycle.id),
    cycle.status,
    formatAge(cycle.startedAt, nowMs),
    cycle.finishedAt === null
      ? ''
      : formatDuration(Date.parse(cycle.finishedAt) - Date.parse(cycle.startedAt)),
    formatCount(cycle.monitorsSeen),
    formatCount(cycle.monitorsFailed),
    formatCount(cycle.runsInserted),
    formatCount(cycle.runsUpdated),
    formatCount(cycle.requests),
    cycle.error ?? '',
  ]);
  return renderTable(head, rows, ['cycle', 'monitors', 'failed', 'new', 'changed', 'requests']);
}

function freshnessTable({ freshness }: WarehouseStatus, nowMs: number): string | null {
  if (freshness.length === 0) return null;
  const rows = freshness.map((monitor) => [
    monitor.monitorId,
    ageOr(monitor.coveredThrough, nowMs, 'not yet'),
    monitor.syncedThrough ?? (monitor.lastFullWalkAt === null ? '' : 'no runs'),
    ageOr(monitor.lastWalkAt, nowMs, 'never'),
    ageOr(monitor.lastFullWalkAt, nowMs, 'never'),
    formatCount(monitor.consecutiveFailures),
  ]);
  return renderTable(['monitor', 'covered up to', 'newest run', 'walked', 'walked whole', 'failures'], rows, [
    'failures',
  ]);
}

function unfinishedTable({ unfinishedWalks }: WarehouseStatus, nowMs: number): string | null {
  if (unfinishedWalks.length === 0) return null;
  const rows = unfinishedWalks.map(({ monitorId, kind, pages, startedAt }) => [
    monitorId,
    kind ?? '',
    formatCount(pages ?? 0),
    ageOr(startedAt, nowMs, ''),
  ]);
  return renderTable(['monitor', 'walk', 'pages so far', 'began'], rows, ['pages so far']);
}

function openRunTable({ openRuns }: WarehouseStatus, nowMs: number): string | null {
  if (openRuns.length === 0) return null;
  const rows = openRuns.map(({ monitorId, runId, status, createdAt, stuck }) => [
    monitorId,
    runId,
    stuck ? `${status}, stuck` : status,
    formatAge(createdAt, nowMs),
  ]);
  return renderTable(['monitor', 'run', 'status', 'created'], rows);
}

function errorTable({ errors }: WarehouseStatus, nowMs: number): string | null {
  if (errors.length === 0) return null;
  const rows = errors.map(({ monitorId, error, at, consecutiveFailures }) => [
    monitorId,
    formatCount(consecutiveFailures),
    ageOr(at, nowMs, ''),
    error ?? '',
  ]);
  return renderTable(['monitor', 'in a row', 'last', 'error'], rows, ['in a row']);
}

function ageOr(instant: string | null, nowMs: number, absent: string): string {
  return instant === null ? absent : formatAge(instant, nowMs);
}

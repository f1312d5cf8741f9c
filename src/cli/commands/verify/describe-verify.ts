import type {
  Difference,
  DifferenceCounts,
  MonitorFinding,
  VerifyReport,
} from '../../../sync/verify/verify-ports.ts';
import { formatCount } from '../../terminal/format.ts';
import { renderTable } from '../../terminal/table.ts';

/** Of each monitor; `--json` names more. */
const mostNamed = 5;

export function describeVerify(report: VerifyReport): string {
  const { equal, monitorsCompared, runsCompared, findings } = report;
  const compared = `${formatCount(runsCompared)} runs of ${formatCount(monitorsCompared)} monitors compared`;
  if (equal) return `Equal: ${compared}, no difference.`;
  const head = ['monitor', 'missing', 'stale', 'extra', 'rejected', 'what'];
  const table = renderTable(head, findings.map(row), head.slice(1, 5));
  return `Not equal: ${compared}.\n\n${table}\n\n${describeTotals('monitors', report.monitors)}\n${describeTotals('runs', report.runs)}`;
}

function row({ monitorId, monitor, runs, differences, error }: MonitorFinding): readonly string[] {
  const what = [
    ...(error === null ? [] : [error]),
    ...(monitor === null ? [] : [`the monitor itself is ${name(monitor)}`]),
    ...differences.slice(0, mostNamed).map((difference) => `${difference.id} ${name(difference)}`),
    ...(differences.length > mostNamed ? ['…'] : []),
  ];
  const counts = [runs.missing, runs.stale, runs.extra, runs.rejected].map(formatCount);
  return [monitorId, ...counts, what.join('\n')];
}

function name({ kind, columns }: Difference): string {
  return columns.length === 0 ? kind : `${kind} (${columns.join(', ')})`;
}

function describeTotals(what: string, { missing, stale, extra, rejected }: DifferenceCounts): string {
  const counts = [missing, stale, extra, rejected].map(formatCount);
  return `${what.padEnd(8)}  ${counts[0]} missing, ${counts[1]} stale, ${counts[2]} extra, ${counts[3]} rejected`;
}

import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ReportSelection } from '../../../analytics/report/data/report-data.ts';
import { WordedError } from '../../../app/database-failure.ts';
import { describeInOneLine } from '../../../app/describe-in-one-line.ts';
import { readPackageVersion } from '../../../app/package-version.ts';
import type { Invocation } from '../../invocation.ts';
import { withWarehouse } from '../../with-warehouse.ts';
import { parseId, wholeNumberFrom } from '../argument-parsers.ts';
import { openFile } from './open-file.ts';

interface ReportFlags {
  readonly days: number;
  readonly monitor?: string;
  readonly webset?: string;
  readonly out: string;
  readonly open?: boolean;
  readonly demo?: boolean;
}

const maxDays = 366;

export function addReportCommand(program: Command, invocation: Invocation): void {
  program
    .command('report')
    .description('Write a report of the runs as one HTML file that needs no network, and print its path')
    .option('--days <n>', `so many days, today included; at most ${maxDays}`, wholeNumberFrom(1, maxDays), 30)
    .option('--monitor <id>', 'only this monitor', parseId)
    .option('--webset <id>', 'only the monitors of this webset', parseId)
    .option('--out <file>', 'where to write it', 'exa-monitor-report.html')
    .option('--open', 'open it in the browser')
    .option('--demo', "of the demo's warehouse")
    .action((flags: ReportFlags) => writeReport(invocation, flags));
}

async function writeReport(invocation: Invocation, flags: ReportFlags): Promise<void> {
  const document = await makeReport(invocation, flags);
  const path = resolve(invocation.surroundings.workingDirectory, flags.out);
  try {
    await writeFile(path, document);
  } catch (error) {
    throw new WordedError(`--out: cannot write ${path}: ${describeInOneLine(error)}`, { cause: error });
  }
  invocation.print(path);
  if (flags.open === true) await openFile(path);
}

async function makeReport(invocation: Invocation, flags: ReportFlags): Promise<string> {
  const selection: ReportSelection = {
    days: flags.days,
    monitorId: flags.monitor ?? null,
    websetId: flags.webset ?? null,
  };
  const { loadReport } = await import('../../../analytics/report/data/load-report.ts');
  const report = await withWarehouse(
    invocation,
    { demo: flags.demo ?? false, tables: 'required' },
    ({ warehouse }) => loadReport(warehouse.database, selection),
  );
  const { renderReport } = await import('../../../analytics/report/render-report.ts');
  const { loadChartDrawer } = await import('../../../analytics/report/drawing/draw-chart.ts');
  return renderReport(report, await loadChartDrawer(), await readPackageVersion());
}

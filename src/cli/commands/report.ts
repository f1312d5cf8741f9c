import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import type { ReportSelection } from '../../analytics/report/data/report-data.ts';
import { nameDatabaseFailures } from '../../app/database-failure.ts';
import type { Invocation } from '../invocation.ts';
import { openFile } from './export/open-file.ts';
import { demoWarehouseConfig, openWarehouse } from '../../app/open-warehouse.ts';
import { readPackageVersion } from '../../app/package-version.ts';
import { requireTables } from '../../app/require-tables.ts';
import { readSettingFlags } from '../setting-flags.ts';

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
    .option('--days <n>', `so many days, today included; at most ${maxDays}`, parseDays, 30)
    .option('--monitor <id>', 'only this monitor', parseId)
    .option('--webset <id>', 'only the monitors of this webset', parseId)
    .option('--out <file>', 'where to write it', 'exa-monitor-report.html')
    .option('--open', 'open it in the browser')
    .option('--demo', "of the demo's warehouse")
    .action((flags: ReportFlags) => writeReport(program, invocation, flags));
}

function parseDays(text: string): number {
  const days = Number(text);
  if (/^\d+$/.test(text) && days >= 1 && days <= maxDays) return days;
  throw new InvalidArgumentError(`Expected a number of days from 1 to ${maxDays}.`);
}

function parseId(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Expected an id.');
  return text.trim();
}

async function writeReport(program: Command, invocation: Invocation, flags: ReportFlags): Promise<void> {
  const document = await makeReport(program, invocation, flags);
  const path = resolve(invocation.surroundings.workingDirectory, flags.out);
  try {
    await writeFile(path, document);
  } catch (error) {
    throw new Error(
      `--out: cannot write ${path}: ${error instanceof Error ? error.message : 'unknown error'}`,
      {
        cause: error,
      },
    );
  }
  invocation.print(path);
  if (flags.open === true) await openFile(path);
}

async function makeReport(program: Command, invocation: Invocation, flags: ReportFlags): Promise<string> {
  const selection: ReportSelection = {
    days: flags.days,
    monitorId: flags.monitor ?? null,
    websetId: flags.webset ?? null,
  };
  const configured = invocation.parseConfig(readSettingFlags(program));
  const config = flags.demo === true ? demoWarehouseConfig(configured) : configured;
  const logger = invocation.createLogger(config.logLevel);
  const warehouse = await openWarehouse(config, invocation.surroundings, logger);
  try {
    const { loadReport } = await import('../../analytics/report/data/load-report.ts');
    const report = await nameDatabaseFailures(warehouse.target, async () => {
      await requireTables(warehouse, logger);
      return loadReport(warehouse.database, selection);
    });
    const { renderReport } = await import('../../analytics/report/render-report.ts');
    const { loadChartDrawer } = await import('../../analytics/report/drawing/draw-chart.ts');
    return renderReport(report, await loadChartDrawer(), await readPackageVersion());
  } finally {
    await warehouse.close();
  }
}

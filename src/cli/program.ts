import { Command } from 'commander';
import { addDbCommand } from './commands/db.ts';
import { addDemoCommand } from './commands/demo/demo.ts';
import { addDoctorCommand } from './commands/doctor/doctor.ts';
import { addExportCommand } from './commands/export/export.ts';
import { addGrantReadOnlyCommand } from './commands/grant-read-only.ts';
import { addMigrateCommand } from './commands/migrate.ts';
import { addRebuildCommand } from './commands/rebuild.ts';
import { addReportCommand } from './commands/report/report.ts';
import { addScheduleCommand } from './commands/schedule.ts';
import { addStatusCommand } from './commands/status/status.ts';
import { addSyncCommand } from './commands/sync/sync.ts';
import { addVerifyCommand } from './commands/verify/verify.ts';
import { addHelpTexts } from './help-texts.ts';
import type { Invocation } from './invocation.ts';
import { addSettingFlags, readSettingFlags } from './setting-flags.ts';

/** Every command, in the order of the help. A new command is one file and one line. */
const commands: readonly ((program: Command, invocation: Invocation) => void)[] = [
  addSyncCommand,
  addScheduleCommand,
  addStatusCommand,
  addReportCommand,
  addVerifyCommand,
  addDoctorCommand,
  addExportCommand,
  addGrantReadOnlyCommand,
  addMigrateCommand,
  addRebuildCommand,
  addDemoCommand,
  addDbCommand,
];

/** The command line. Wrong usage is thrown as commander's error, for the one place that words errors. */
export function createProgram(invocation: Invocation, version: string): Command {
  const { stdout, stderr } = invocation.surroundings;
  const program = new Command('exa-monitor-sync')
    .description('Syncs the runs of every Exa Websets monitor into Postgres.')
    .version(version)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: () => undefined,
    })
    .exitOverride();
  addSettingFlags(program);
  program.hook('preAction', () => {
    invocation.settingFlags = readSettingFlags(program);
  });
  for (const addCommand of commands) addCommand(program, invocation);
  addHelpTexts(program);
  return program;
}

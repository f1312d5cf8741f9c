import { Command } from 'commander';
import { addHelpTexts } from './help-texts.ts';
import type { Invocation } from './invocation.ts';
import { addSettingFlags, readSettingFlags } from './setting-flags.ts';

type AddCommand = (program: Command, invocation: Invocation) => void;

/**
 * Every command, in the order of the help. A new command is one file and one line. Each is loaded only when it may be
 * meant: what one needs, a database driver or a web server, would make every other start later and take more memory.
 */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  init: async () => (await import('./commands/init/init.ts')).addInitCommand,
  sync: async () => (await import('./commands/sync/sync.ts')).addSyncCommand,
  schedule: async () => (await import('./commands/schedule.ts')).addScheduleCommand,
  status: async () => (await import('./commands/status/status.ts')).addStatusCommand,
  check: async () => (await import('./commands/check.ts')).addCheckCommand,
  report: async () => (await import('./commands/report/report.ts')).addReportCommand,
  query: async () => (await import('./commands/query/query.ts')).addQueryCommand,
  verify: async () => (await import('./commands/verify/verify.ts')).addVerifyCommand,
  doctor: async () => (await import('./commands/doctor/doctor.ts')).addDoctorCommand,
  export: async () => (await import('./commands/export/export.ts')).addExportCommand,
  'grant-read-only': async () => (await import('./commands/grant-read-only.ts')).addGrantReadOnlyCommand,
  migrate: async () => (await import('./commands/migrate.ts')).addMigrateCommand,
  prune: async () => (await import('./commands/prune.ts')).addPruneCommand,
  'copy-to': async () => (await import('./commands/copy-to.ts')).addCopyToCommand,
  forget: async () => (await import('./commands/forget.ts')).addForgetCommand,
  rebuild: async () => (await import('./commands/rebuild.ts')).addRebuildCommand,
  demo: async () => (await import('./commands/demo/demo.ts')).addDemoCommand,
  db: async () => (await import('./commands/db.ts')).addDbCommand,
};

/** Those that the arguments name; all for the help and for a word that is none, which is compared with every name. */
function loadCommands(argv: readonly string[]): Promise<readonly AddCommand[]> {
  const named = Object.entries(commands).filter(([name]) => argv.includes(name));
  const asksForHelp = argv.some((argument) => ['help', '--help', '-h'].includes(argument));
  const startsWithName = named.some(([name]) => name === argv[0]);
  const asksForAll = named.length === 0 || (asksForHelp && !startsWithName);
  const wanted = asksForAll ? Object.entries(commands) : named;
  return Promise.all(wanted.map(([, load]) => load()));
}

/** The command line. Wrong usage is thrown as commander's error, for the one place that words errors. */
export async function createProgram(invocation: Invocation, version: string): Promise<Command> {
  const { stdout, stderr, argv } = invocation.surroundings;
  const program = new Command('exa-monitor-sync')
    .description('Syncs the runs of every Exa monitor, of websets and of searches, into Postgres.')
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
  for (const addCommand of await loadCommands(argv)) addCommand(program, invocation);
  addHelpTexts(program);
  return program;
}

import type { Command } from 'commander';
import { settingNames, settings } from '../config/settings.ts';
import { describeExitCodes } from './exit-codes.ts';

/** How each command is mostly called, without the program's name. */
const examples: Readonly<Record<string, string>> = {
  init: 'init',
  sync: 'sync                             (everything that is new; the first time, everything)',
  schedule: "schedule --sync-cron '*/15 * * * *'",
  status: 'status --json',
  report: 'report --days 90 --open',
  query: 'query --question last-failures --format csv',
  verify: 'verify --sample 20',
  doctor: 'doctor',
  export: 'export monitor_run_facts --format parquet --out runs.parquet',
  'grant-read-only': 'grant-read-only bi',
  migrate: 'migrate',
  check: 'check --ready-max-age-minutes 60',
  prune: 'prune --sync-retention-days 30',
  'copy-to': 'copy-to                          (with COPY_TO_URL in the environment or in .env)',
  forget: 'forget --absent-before 2025-01-01',
  rebuild: 'rebuild',
  demo: 'demo',
  db: 'db                               (psql takes the URL that it prints)',
};

/** Adds to the help what the lists of commands and flags do not tell. */
export function addHelpTexts(program: Command): void {
  program.addHelpText('after', () =>
    [
      section("Set in the environment or in .env, since others can read a command's flags:", secretLines()),
      section('Exit codes:', describeExitCodes()),
      section('Example:', ['EXA_API_KEY=… DATABASE_URL=postgres://… exa-monitor-sync sync']),
    ].join('\n'),
  );
  for (const command of program.commands) {
    const example = examples[command.name()];
    if (example === undefined) continue;
    command.addHelpText('after', section('Example:', [`exa-monitor-sync ${example}`]));
  }
}

function section(title: string, lines: readonly string[]): string {
  return ['', title, ...lines.map((line) => `  ${line}`)].join('\n');
}

function secretLines(): readonly string[] {
  const secrets = settingNames.map((name) => settings[name]).filter(({ secret }) => secret);
  const width = Math.max(...secrets.map(({ variable }) => variable.length));
  return secrets.map(
    ({ variable, description }) => `${variable.padEnd(width)}  ${description.replaceAll('`', '')}`,
  );
}

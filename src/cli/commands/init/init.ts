import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { openWarehouse } from '../../../app/open-warehouse.ts';
import { ConfigError } from '../../../config/parse-config.ts';
import { settings, type Config } from '../../../config/settings.ts';
import { describeChecks, type Check } from '../doctor/check.ts';
import { checkAccounts } from '../doctor/check-api.ts';
import { checkDatabase } from '../doctor/check-database.ts';
import type { Invocation } from '../../invocation.ts';
import { createPrompter, type Prompter } from '../../terminal/prompter.ts';
import { sync } from '../sync/sync.ts';

/** What was asked for, by variable. */
type Answers = Readonly<Record<string, string>>;

export function addInitCommand(program: Command, invocation: Invocation): void {
  program
    .command('init')
    .description('Ask for the key and the database on a terminal, try both, and write them into .env')
    .action(() => init(invocation));
}

async function init(invocation: Invocation): Promise<void> {
  const { surroundings, screen } = invocation;
  const { workingDirectory } = surroundings;
  const path = join(workingDirectory, '.env');
  if (!screen.live || !surroundings.stdin.isTTY) {
    throw new ConfigError([
      'init: asks questions, so it needs a terminal; without one set EXA_API_KEY and DATABASE_URL in the environment or in .env',
    ]);
  }
  if (existsSync(path))
    throw new ConfigError([`.env: there is one already in ${workingDirectory}: edit it, or move it away`]);
  const config = invocation.parseConfig();
  const prompter = createPrompter(surroundings);
  let isWanted: boolean;
  try {
    const answers = {
      ...(await askForKey(invocation, config, prompter)),
      ...(await askForDatabase(invocation, config, prompter)),
    };
    await writeFile(path, writeDotenv(answers), { mode: 0o600, flag: 'wx' });
    screen.print(`Written to ${path}, which only you can read.\n`);
    isWanted = await askWhether(prompter, 'Run the first sync now? It reads everything. [Y/n] ');
  } finally {
    prompter.close();
  }
  if (!isWanted) {
    screen.print('Whenever you like: exa-monitor-sync sync\n');
    return;
  }
  await invocation.readDotenv();
  await sync(invocation, {});
}

async function askForKey(invocation: Invocation, config: Config, prompter: Prompter): Promise<Answers> {
  const { screen, surroundings } = invocation;
  if (config.accounts.length > 0) {
    screen.print('The key in the environment is used.\n');
    return {};
  }
  for (;;) {
    const apiKey = await prompter.askSecretly('Key of your Exa account (it is not shown): ');
    const mistake = mistakeOf('exaApiKey', apiKey);
    if (apiKey === '' || mistake !== null) {
      screen.print(`${mistake ?? 'A key is needed: dashboard.exa.ai has it.'}\n`);
      continue;
    }
    const account = { name: 'default', apiKey, keyName: settings.exaApiKey.variable };
    const [key] = await checkAccounts({ ...config, accounts: [account] }, surroundings);
    if (passes(invocation, key === undefined ? [] : [key])) return { [settings.exaApiKey.variable]: apiKey };
  }
}

async function askForDatabase(invocation: Invocation, config: Config, prompter: Prompter): Promise<Answers> {
  const { screen, surroundings } = invocation;
  if (config.databaseUrl !== null) {
    screen.print('The DATABASE_URL in the environment is used.\n');
    return {};
  }
  const logger = invocation.createLogger('silent');
  for (;;) {
    const databaseUrl = await prompter.askSecretly(
      'URL of a Postgres database (not shown; empty for one that this program runs itself): ',
    );
    if (databaseUrl === '') return {};
    const mistake = mistakeOf('databaseUrl', databaseUrl);
    if (mistake !== null) {
      screen.print(`${mistake}\n`);
      continue;
    }
    const open = () => openWarehouse({ ...config, databaseUrl }, surroundings, logger, 'must exist');
    if (passes(invocation, await checkDatabase(open, surroundings)))
      return { [settings.databaseUrl.variable]: databaseUrl };
  }
}

function mistakeOf(name: 'exaApiKey' | 'databaseUrl', text: string): string | null {
  const { error } = settings[name].schema.safeParse(text);
  return error === undefined ? null : `Expected ${error.issues[0]?.message ?? 'another value'}.`;
}

/** Shows what was found where somebody should know of it. */
function passes({ screen }: Invocation, checks: readonly Check[]): boolean {
  const isFailure = checks.some(({ state }) => state === 'failed');
  const shown = checks.filter(({ state, name }) =>
    isFailure ? state === 'failed' : state === 'warning' || name === 'key' || name === 'database',
  );
  if (shown.length > 0) screen.print(`${describeChecks(shown)}\n`);
  return !isFailure;
}

async function askWhether(prompter: Prompter, question: string): Promise<boolean> {
  return /^(y|yes|)$/i.test(await prompter.ask(question));
}

/** As dotenv reads it, and what starts containers and services where nothing has to be quoted. */
function writeDotenv(answers: Answers): string {
  const lines = Object.entries(answers).map(([name, value]) => `${name}=${quote(value)}`);
  return `# Every other setting: .env.example, or exa-monitor-sync --help\n${lines.join('\n')}\n`;
}

function quote(value: string): string {
  if (/^[\w:/?&=.@%+,~-]+$/.test(value)) return value;
  const mark = ["'", '`', '"'].find((candidate) => !value.includes(candidate));
  return mark === undefined ? value : `${mark}${value}${mark}`;
}

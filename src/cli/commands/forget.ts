import type { Command } from 'commander';
import { ConfigError } from '../../config/parse-config.ts';
import { WordedError } from '../../app/database-failure.ts';
import {
  findForgettable,
  forget,
  type Forgettable,
  type ForgetWish,
} from '../../warehouse/lifecycle/forget.ts';
import { formatCount } from '../terminal/format.ts';
import type { Invocation } from '../invocation.ts';
import { withWarehouse } from '../with-warehouse.ts';
import { collectIds, parseInstant } from './argument-parsers.ts';

interface ForgetFlags {
  readonly monitor?: readonly string[];
  readonly account?: string;
  readonly absentBefore?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** Ids that are named to a person; the others are counted. */
const mostNamed = 10;

export function addForgetCommand(program: Command, invocation: Invocation): void {
  program
    .command('forget')
    .description(
      'Delete monitors with all that is stored of them, for good; without --yes only say what that is',
    )
    .option('--monitor <id>', 'this monitor; may be given several times', collectIds)
    .option('--account <name>', 'every monitor of this account, and what is known of it')
    .option(
      '--absent-before <date>',
      'monitors, and runs of others, that Exa has not had since before this day or instant',
      parseInstant,
    )
    .option('--yes', 'delete it')
    .option('--json', 'print what was deleted, or would be, as JSON')
    .action((flags: ForgetFlags) => runForget(invocation, flags));
}

async function runForget(invocation: Invocation, flags: ForgetFlags): Promise<void> {
  const wish = wishOf(flags);
  const { signal } = invocation.surroundings;
  await withWarehouse(invocation, { tables: 'required' }, ({ warehouse }) =>
    warehouse.whileLocked(async () => {
      const { database, place } = warehouse;
      const found = await findForgettable(database, wish);
      if (found.monitorIds.length === 0 && Object.keys(found.rows).length === 0)
        throw nothingFound(wish, place);
      const deleted = flags.yes ?? false;
      if (deleted) await forget(database, wish, found, signal);
      invocation.print(
        flags.json === true ? JSON.stringify({ deleted, ...found }) : describe(found, deleted, place),
      );
    }),
  );
}

/** @throws ConfigError unless exactly one thing is asked for. */
function wishOf({ monitor, account, absentBefore }: ForgetFlags): ForgetWish {
  const wishes: ForgetWish[] = [];
  if (monitor !== undefined) wishes.push({ by: 'monitor', ids: monitor });
  if (account !== undefined) wishes.push({ by: 'account', name: account });
  if (absentBefore !== undefined) wishes.push({ by: 'absence', before: absentBefore });
  const [wish] = wishes;
  if (wish !== undefined && wishes.length === 1) return wish;
  throw new ConfigError(['forget: give one of --monitor, --account and --absent-before (see --help)']);
}

function nothingFound(wish: ForgetWish, place: string): WordedError {
  switch (wish.by) {
    case 'monitor':
      return new WordedError(`--monitor: nothing is stored of ${wish.ids.join(', ')} in ${place}`);
    case 'account':
      return new WordedError(`--account: nothing is stored of the account ${wish.name} in ${place}`);
    case 'absence':
      return new WordedError(
        `--absent-before: nothing has been absent since before ${wish.before} in ${place}`,
      );
  }
}

function describe({ monitorIds, stillListed, rows }: Forgettable, deleted: boolean, place: string): string {
  const named = monitorIds.slice(0, mostNamed).join(', ');
  const others = monitorIds.length - mostNamed;
  const monitors = monitorIds.length === 1 ? '1 monitor' : `${formatCount(monitorIds.length)} monitors`;
  const names = named === '' ? '' : `: ${named}${others > 0 ? ` and ${formatCount(others)} more` : ''}`;
  return [
    `${deleted ? 'Deleted from' : 'Would be deleted for good from'} ${place}: ${monitors}${names}`,
    ...Object.entries(rows).map(([table, count]) => `  ${table}  ${formatCount(count)}`),
    ...(stillListed > 0
      ? [
          `Exa had ${formatCount(stillListed)} of them when it was last asked: what it still lists comes back with the next cycle. To prevent that, delete it there or take its key out first.`,
        ]
      : []),
    ...(deleted ? [] : ['Nothing was deleted: repeat with --yes to delete it.']),
  ].join('\n');
}

import { Argument, type Command } from 'commander';
import { failInWords } from '../../app/database-failure.ts';
import { openWarehouse, type Warehouse } from '../../app/open-warehouse.ts';
import { bringUpToDate } from '../../app/upkeep/tables.ts';
import { ConfigError } from '../../config/parse-config.ts';
import type { Config } from '../../config/settings.ts';
import { copyWarehouse, requireEmpty, type CopiedRows } from '../../warehouse/lifecycle/copy-warehouse.ts';
import { formatCount } from '../terminal/format.ts';
import type { Invocation } from '../invocation.ts';
import { withWarehouse, type WarehouseAtHand } from '../with-warehouse.ts';

export function addCopyToCommand(program: Command, invocation: Invocation): void {
  program
    .command('copy-to')
    .description(
      'Copy the whole warehouse into an empty database, that of COPY_TO_URL; the next sync there goes on',
    )
    .addArgument(
      new Argument('[target]', 'the embedded Postgres of this machine instead of COPY_TO_URL').choices([
        'embedded',
      ]),
    )
    .option('--json', 'print the copied rows as JSON')
    .action((target: string | undefined, flags: { readonly json?: boolean }) =>
      copyTo(invocation, target === 'embedded', flags.json ?? false),
    );
}

async function copyTo(invocation: Invocation, toEmbedded: boolean, asJson: boolean): Promise<void> {
  const config = configOfTarget(invocation.parseConfig(), toEmbedded);
  const { surroundings } = invocation;
  await withWarehouse(invocation, { tables: 'required' }, async (atHand) => {
    const target = await openWarehouse(config, surroundings, atHand.logger);
    try {
      const rows = await failInWords(target.target, () => copyBetween(atHand, target, surroundings.signal));
      invocation.print(
        asJson
          ? JSON.stringify({ to: target.place, rows })
          : describe(atHand.warehouse.place, target.place, rows),
      );
    } finally {
      await target.close();
    }
  });
}

/** @throws ConfigError when there is no other place than the one that the warehouse is in. */
function configOfTarget(config: Config, toEmbedded: boolean): Config & { readonly urlSetting: string } {
  const { databaseUrl, copyToUrl } = config;
  if (toEmbedded && databaseUrl === null)
    throw new ConfigError(['DATABASE_URL: not set, so the warehouse is in the embedded Postgres already']);
  if (!toEmbedded && copyToUrl === null)
    throw new ConfigError(['COPY_TO_URL: not set, and copy-to needs it (in the environment or in .env)']);
  return { ...config, databaseUrl: toEmbedded ? null : copyToUrl, urlSetting: 'COPY_TO_URL' };
}

async function copyBetween(
  { warehouse, logger }: WarehouseAtHand,
  target: Warehouse,
  signal: AbortSignal,
): Promise<CopiedRows> {
  await bringUpToDate(target, logger, signal);
  await target.database.transaction(requireEmpty);
  const observe = (table: string, rows: number): void => logger.info({ table, rows }, 'table copied');
  return warehouse.whileLocked(() =>
    target.whileLocked(() => copyWarehouse(warehouse.database, target.database, { signal, observe })),
  );
}

function describe(from: string, to: string, rows: CopiedRows): string {
  return [
    `Copied ${from} to ${to}:`,
    ...Object.entries(rows).map(([table, count]) => `  ${table}  ${formatCount(count)}`),
    'The next sync there goes on where the last one here ended. Roles of grant-read-only are to be made there again.',
  ].join('\n');
}

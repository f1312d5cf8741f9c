import { failInWords } from '../app/database-failure.ts';
import type { MayMake } from '../app/find-server.ts';
import { openWarehouse, type Warehouse } from '../app/open-warehouse.ts';
import { bringUpToDate, requireTables } from '../app/upkeep/tables.ts';
import { requireAccount } from '../config/parse-config.ts';
import type { Config } from '../config/settings.ts';
import type { Logger } from '../sync/logger.ts';
import type { LogLevel } from './create-logger.ts';
import { demoConfig } from './demo-config.ts';
import type { Invocation } from './invocation.ts';

/** What a command wants of a warehouse. */
export interface WarehouseWish {
  /** Whether the command needs the key of an account. */
  readonly needsKey?: boolean;
  /** The demo's warehouse, whatever is configured. */
  readonly demo?: boolean;
  /**
   * `up to date`: brought there before the work; `required`: the work is refused without them; `as they are`: the work sees
   * to them itself.
   */
  readonly tables: 'up to date' | 'required' | 'as they are';
  /** Whether an embedded Postgres may be made; by default only by those who bring the tables up to date. */
  readonly mayMake?: MayMake;
  /** The level to log at instead of the configured one. */
  readonly logLevel?: (configured: LogLevel) => LogLevel;
}

/** What a command gets. */
export interface WarehouseAtHand {
  readonly config: Config;
  readonly warehouse: Warehouse;
  readonly logger: Logger;
}

/**
 * What every command does that works with a warehouse: reads the settings, opens it, sees to its tables, works, closes it.
 * Failures of the database come in words.
 */
export async function withWarehouse<T>(
  invocation: Invocation,
  wish: WarehouseWish,
  work: (atHand: WarehouseAtHand) => Promise<T>,
): Promise<T> {
  const { needsKey = false, demo = false, tables, logLevel = (configured) => configured } = wish;
  const { mayMake = tables === 'up to date' ? 'may make' : 'must exist' } = wish;
  const { surroundings } = invocation;
  const configured = invocation.parseConfig();
  if (needsKey) requireAccount(configured);
  const config = demo ? demoConfig(configured) : configured;
  const logger = invocation.createLogger(logLevel(config.logLevel));
  for (const line of invocation.strangeNames()) logger.warn({}, line);
  const currentDatabaseUrl = (): string | null => invocation.parseConfig().databaseUrl;
  const warehouse = await openWarehouse(
    { ...config, ...(demo ? {} : { currentDatabaseUrl }) },
    surroundings,
    logger,
    mayMake,
  );
  // What only reads may run in a pipe or from cron, where a line on stderr is an event.
  const level = mayMake === 'may make' || invocation.screen.live ? 'info' : 'debug';
  logger[level]({ warehouse: warehouse.place }, 'warehouse opened');
  try {
    return await failInWords(warehouse.target, async () => {
      if (tables === 'up to date') await bringUpToDate(warehouse, logger, surroundings.signal);
      if (tables === 'required') await requireTables(warehouse, logger);
      return work({ config, warehouse, logger });
    });
  } finally {
    await warehouse.close();
  }
}

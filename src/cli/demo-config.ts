import { join } from 'node:path';
import type { WarehouseConfig } from '../app/open-warehouse.ts';

/** The demo's own warehouse: an embedded server beside the one that holds real data, whatever is configured. */
export function demoConfig<T extends WarehouseConfig>(config: T): T {
  const port = config.embeddedPostgresPort;
  return {
    ...config,
    databaseUrl: null,
    databaseSchema: null,
    embeddedPostgresDirectory: join(config.embeddedPostgresDirectory, 'demo'),
    embeddedPostgresPort: port === 0 || port === 65_535 ? 0 : port + 1,
  };
}

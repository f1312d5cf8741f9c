import { getTableColumns, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import { Exa } from 'exa-js';
import pLimit from 'p-limit';
import postgres from 'postgres';
import { monitorRuns } from '../../src/warehouse/schema.ts';
import { apiKey } from '../api-key.ts';
import { serveMeasured } from './measure.ts';

export interface ScriptOptions {
  readonly databaseUrl: string;
  readonly apiUrl: string;
}

/**
 * The script that a capable user writes in ten minutes: Exa's client, eight monitors at once, one upsert a page. It has
 * no checkpoints, so that every execution reads everything, and it gets the product's table, so that the work of the
 * database is the same.
 */
serveMeasured<ScriptOptions>(process, async (options) => {
  const exa = new Exa(apiKey, options.apiUrl);
  const client = postgres(options.databaseUrl, { onnotice: () => undefined });
  await client`select 1`;
  const db = drizzle(client);
  const { id: _id, ...columns } = getTableColumns(monitorRuns);
  const set = Object.fromEntries(
    Object.entries(columns)
      .filter(([, column]) => column.generated === undefined)
      .map(([key, column]) => [key, sql.raw(`excluded.${column.name}`)]),
  );

  async function syncMonitor(monitorId: string): Promise<void> {
    let cursor: string | undefined;
    do {
      const page = await exa.websets.monitors.runs.list(monitorId, {
        limit: 200,
        ...(cursor === undefined ? {} : { cursor }),
      });
      const rows = page.data.map(({ object: _object, ...run }) => ({ ...run, answer: 0n }));
      if (rows.length > 0) {
        await db.insert(monitorRuns).values(rows).onConflictDoUpdate({ target: monitorRuns.id, set });
      }
      cursor = page.hasMore ? (page.nextCursor ?? undefined) : undefined;
    } while (cursor !== undefined);
  }

  return async () => {
    const monitors = await exa.websets.monitors.getAll({ limit: 200 });
    const limit = pLimit(8);
    await Promise.all(monitors.map((monitor) => limit(syncMonitor, monitor.id)));
    await client.end();
    return [];
  };
});

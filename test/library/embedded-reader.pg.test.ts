import postgres from 'postgres';
import { expect, onTestFinished, test } from 'vitest';
import { openWarehouse } from '../../src/index.ts';
import { dataDirectoryOfTest } from '../embedded/data-directory.ts';

test('a program that embeds Postgres gets a URL for BI tools, which reads and cannot write', async () => {
  const embeddedPostgresDirectory = await dataDirectoryOfTest();
  const warehouse = await openWarehouse({ settings: { embeddedPostgresDirectory, embeddedPostgresPort: 0 } });
  onTestFinished(() => warehouse.close());
  await warehouse.migrate();
  const sql = postgres(warehouse.readerUrl ?? '', { max: 1 });
  onTestFinished(() => sql.end());

  expect([...(await sql`select count(*)::int as runs from monitor_runs`)]).toEqual([{ runs: 0 }]);
  await expect(sql`delete from monitor_runs`).rejects.toThrow('read-only');
});

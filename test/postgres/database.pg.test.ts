import { expect, test } from 'vitest';
import { createTestDatabase } from './database.ts';

test("a test database has the migrated tables and is a test's own", async () => {
  const [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await first.sql`insert into rejected_runs (monitor_id, run_key, reason, payload) values ('m', 'r', 'x', '{}')`;

  expect(await first.sql`select monitor_id from rejected_runs`).toHaveLength(1);
  expect(await second.sql`select monitor_id from rejected_runs`).toHaveLength(0);
});

test('an empty test database has no tables', async () => {
  const { sql } = await createTestDatabase('empty');

  expect(await sql`select from pg_class where relname = 'monitor_runs'`).toHaveLength(0);
});

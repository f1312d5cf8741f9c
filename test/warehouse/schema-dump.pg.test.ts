import { expect, it } from 'vitest';
import { createTestDatabase } from '../postgres/database.ts';
import { dumpSchema } from './schema-dump.ts';

it('the migrations make the schema of the dump; after a change of theirs, run vitest with --update', async () => {
  const { sql } = await createTestDatabase();
  await expect(await dumpSchema(sql)).toMatchFileSnapshot('schema-dump.sql.txt');
});

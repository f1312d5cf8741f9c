import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../../postgres/database.ts';
import { planCarryOver } from './carry-over.ts';
import { differences, loadDefinitions } from './load-definitions.ts';
import { readSqlFiles, replaceDefinitions } from './sql-files.ts';

const migrations = fileURLToPath(new URL('../../../migrations/', import.meta.url));
/** What the generator of migrations writes into one that is still to be filled. */
const toBeFilled = '-- Custom SQL migration file, put your code below! --';

it('the migrations make the functions, views and triggers of src/warehouse/sql; after a change there, run npm run migrations:sql', async () => {
  const files = readSqlFiles();
  const [migrated, current] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await replaceDefinitions(current.sql, files);
  const different = differences(await loadDefinitions(migrated.sql), await loadDefinitions(current.sql));

  const newest = `${migrations}${readdirSync(migrations).findLast((file) => file.endsWith('.sql')) ?? ''}`;
  const written = readFileSync(newest, 'utf8');
  // Only a migration that is new is written: what others have applied is history.
  const isNew = written.includes(toBeFilled);
  expect(isNew ? [] : different, 'carry it over: npm run migrations:sql -- --name what_changes').toEqual([]);
  expect(isNew && different.length === 0, `nothing to carry over: take ${newest} away again`).toBe(false);
  const migration = isNew ? await planCarryOver(migrated.sql, files, different) : written;
  await expect(migration).toMatchFileSnapshot(newest);
});

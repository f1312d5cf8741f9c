import { expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../postgres/database.ts';
import { planCarryOver } from './carry-over.ts';
import { differences, loadDefinitions } from './load-definitions.ts';
import { readSqlFiles, replaceDefinitions, type SqlFile } from './sql-files.ts';

/** The files of the checkout with one of them changed. */
function change(name: string, from: string, to: string): readonly SqlFile[] {
  return readSqlFiles().map((file) => {
    if (file.name !== name) return file;
    expect(file.text).toContain(from);
    return { ...file, text: file.text.replace(from, to) };
  });
}

async function defining(files: readonly SqlFile[]): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await replaceDefinitions(database.sql, files);
  return database;
}

it.each([
  ['a body', 'is_final', "'completed', 'failed'", "'failed', 'completed'", ['function is_final']],
  ['a comment', 'failure_reasons', 'What the reasons', 'What these reasons', ['view failure_reasons']],
  ['a trigger', 'monitor_runs', 'after truncate', 'before truncate', ['triggers monitor_runs']],
  ['a type of a column', 'sync_freshness', '1 as monitors', '1::bigint as monitors', ['view sync_freshness']],
  ['a parameter', 'is_final', '(status text) returns', '(state text) returns', ['function is_final']],
])('carries %s over to a migrated database', async (_, name, from, to, expected) => {
  const files = change(name, from, to).map((file) =>
    file.name === 'is_final' ? { ...file, text: file.text.replace('return status', 'return $1') } : file,
  );
  const [migrated, current] = await Promise.all([defining(readSqlFiles()), defining(files)]);
  const wanted = await loadDefinitions(current.sql);
  const different = differences(await loadDefinitions(migrated.sql), wanted);
  expect(different).toEqual(expected);

  const migration = await planCarryOver(migrated.sql, files, different);
  for (const statement of migration.split('--> statement-breakpoint')) await migrated.sql.unsafe(statement);
  expect(differences(await loadDefinitions(migrated.sql), wanted)).toEqual([]);
});

it('drops what no file defines any more', async () => {
  const files = readSqlFiles();
  const { sql } = await defining(files);
  await sql`create view left_over as select 1 as one`;
  expect(await planCarryOver(sql, files, ['view left_over'])).toBe('drop view left_over;\n');
});

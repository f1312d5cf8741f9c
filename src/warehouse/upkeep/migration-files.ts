import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { z } from 'zod';

/** One migration of this version: `tag` names its file, `when` (milliseconds) identifies it and is its place in the order. */
export interface Migration {
  readonly tag: string;
  readonly when: number;
  readonly hash: string;
  readonly statements: readonly string[];
  /**
   * Whether its statements run each on its own, as `create index concurrently` has to. They may be ended between any two of
   * them and run again from the first, so each must be repeatable; the schema is written `:"schema"` in them, since there is
   * no `search_path` outside of a transaction that holds behind a pooler.
   */
  readonly isOutsideOfTransaction: boolean;
}

const journalFile = z.object({ entries: z.array(z.object({ tag: z.string(), when: z.number() })) });
const outsideMark = '-- outside of a transaction';

/** The migrations that this version brings, in their order. */
export function readMigrations(folder = migrationsFolder()): readonly Migration[] {
  const content: unknown = JSON.parse(readFileSync(`${folder}/meta/_journal.json`, 'utf8'));
  const tags = new Map(journalFile.parse(content).entries.map(({ tag, when }) => [when, tag]));
  return readMigrationFiles({ migrationsFolder: folder }).map(({ folderMillis: when, hash, sql }) => ({
    tag: tags.get(when) ?? String(when),
    when,
    hash,
    statements: sql,
    isOutsideOfTransaction: sql[0]?.startsWith(outsideMark) ?? false,
  }));
}

/** Beside `src` in a checkout, beside `dist` in an installed package: above this file in both. */
function migrationsFolder(): string {
  for (let above = new URL('.', import.meta.url); above.pathname !== '/'; above = new URL('..', above)) {
    const folder = fileURLToPath(new URL('migrations', above));
    if (existsSync(`${folder}/meta/_journal.json`)) return folder;
  }
  throw new Error('the migrations are missing from this installation');
}

import { readdirSync, readFileSync } from 'node:fs';
import type { Sql } from 'postgres';

/** What one file of `src/warehouse/sql` defines. */
export interface SqlFile {
  readonly kind: 'function' | 'view' | 'triggers';
  /** Of the function or the view, which it defines; of the table, whose triggers it defines. */
  readonly name: string;
  readonly text: string;
}

const folder = new URL('../../../src/warehouse/sql/', import.meta.url);
const kinds = { functions: 'function', views: 'view', triggers: 'triggers' } as const;

/** All of them, each after those that it names. */
export function readSqlFiles(): readonly SqlFile[] {
  const files = Object.entries(kinds).flatMap(([room, kind]) =>
    readdirSync(new URL(`${room}/`, folder)).map((file) => ({
      kind,
      name: file.replace(/\.sql$/, ''),
      text: readFileSync(new URL(`${room}/${file}`, folder), 'utf8'),
    })),
  );
  return inOrder(files);
}

function inOrder(files: readonly SqlFile[]): readonly SqlFile[] {
  const ordered: SqlFile[] = [];
  let left = [...files];
  while (left.length > 0) {
    const ready = left.filter((file) => !left.some((other) => other !== file && names(file, other)));
    if (ready.length === 0) throw new Error(`in a circle: ${left.map(({ name }) => name).join(', ')}`);
    ordered.push(...ready);
    left = left.filter((file) => !ready.includes(file));
  }
  return ordered;
}

/** Whether a definition stands on another one. Comments, in the file or in the database, name whatever they like. */
export function names(file: SqlFile, other: SqlFile): boolean {
  if (other.kind === 'triggers') return false;
  const [definition = ''] = file.text.replaceAll(/^\s*--.*$/gm, '').split(/^comment on /m);
  return new RegExp(`\\b${other.name}\\b`).test(definition);
}

/** Puts what the files define in place of what a database has. */
export async function replaceDefinitions(sql: Sql, files: readonly SqlFile[]): Promise<void> {
  const stored = await sql<{ statement: string }[]>`
    select format('drop view if exists %s cascade', oid::regclass) as statement
    from pg_class where relkind = 'v' and relnamespace = current_schema()::regnamespace
    union all
    select format('drop function if exists %s cascade', oid::regprocedure)
    from pg_proc where pronamespace = current_schema()::regnamespace`;
  for (const { statement } of stored) await sql.unsafe(statement);
  for (const { text } of files) await sql.unsafe(text);
}

import postgres, { type Sql, type TransactionSql } from 'postgres';
import { names, type SqlFile } from './sql-files.ts';

/** What `create or replace` answers when it cannot: other columns of a view, other parameters or results of a function. */
const cannotReplace: ReadonlySet<string> = new Set(['42P13', '42P16']);

/**
 * The text of a migration that gives a migrated database what differs in it. What can be replaced is, so that the views
 * that others have built on it and what they were granted stay; what cannot is dropped with all that stands on it and
 * made again.
 * @param different as `differences` names them.
 */
export async function planCarryOver(
  sql: Sql,
  files: readonly SqlFile[],
  different: readonly string[],
): Promise<string> {
  const changed = files.filter((file) => different.includes(ownerOf(file)));
  const gone = different.filter((owner) => !files.some((file) => ownerOf(file) === owner));
  const toDrop = withDependents(files, await findIrreplaceable(sql, changed));
  const statements = [
    ...gone.map((owner) => `drop ${owner};\n`),
    ...toDrop.toReversed().map(({ kind, name }) => `drop ${kind} ${name};\n`),
    ...files.filter((file) => changed.includes(file) || toDrop.includes(file)).map(({ text }) => text),
  ];
  return statements.join('--> statement-breakpoint\n');
}

function ownerOf({ kind, name }: SqlFile): string {
  return `${kind} ${name}`;
}

function withDependents(files: readonly SqlFile[], dropped: readonly SqlFile[]): readonly SqlFile[] {
  const all = new Set(dropped);
  for (const file of files) {
    if ([...all].some((other) => other !== file && names(file, other))) all.add(file);
  }
  // Triggers go with their function only; a function that keeps its signature never has to be dropped.
  return files.filter((file) => all.has(file));
}

/** Tries each on the database itself and leaves nothing of it. */
async function findIrreplaceable(sql: Sql, changed: readonly SqlFile[]): Promise<readonly SqlFile[]> {
  const found: SqlFile[] = [];
  const undo = new Error('undo');
  await sql
    .begin(async (tx) => {
      for (const file of changed) {
        // What stands on one that is dropped goes with it, and may name what only the new one has.
        const goesAnyway = found.some((other) => names(file, other));
        if (!goesAnyway && !(await canReplace(tx, file))) found.push(file);
      }
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  return found;
}

async function canReplace(tx: TransactionSql, { text }: SqlFile): Promise<boolean> {
  try {
    await tx.savepoint((inner) => inner.unsafe(text));
    return true;
  } catch (error) {
    if (error instanceof postgres.PostgresError && cannotReplace.has(error.code)) return false;
    throw error;
  }
}

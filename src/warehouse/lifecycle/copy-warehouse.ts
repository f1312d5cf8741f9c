import { sql } from 'drizzle-orm';
import type { Database } from '../connection/database.ts';
import { quoteIdentifier } from '../connection/statement.ts';
import type { Transaction } from '../connection/transaction.ts';
import { tableNames } from '../upkeep/relations.ts';

/** Rows copied, by table. */
export type CopiedRows = Readonly<Record<string, number>>;

/** A statement's rows: whatever their size, a few of them are in memory. */
const mostRows = 5000;
const mostCharacters = 1_000_000;

/** The migrations put the first account and the first source there. */
const filledByMigrations = ['sync_accounts', 'sync_sources'];

/** Columns whose numbers go on where the source is. */
const numbered = [
  ['sync_cycles', 'id'],
  ['sync_sources', 'id'],
] as const;

interface Column {
  readonly name: string;
  readonly type: string;
}

/**
 * Copies every row of a warehouse into an empty one of the same version: checkpoints, ranks and what is derived as they
 * are, so that the next cycle there goes on where the last one here ended. All or nothing: it is one transaction. Whoever
 * calls it holds the locks of both.
 *
 * Not by `pg_dump`, which is not everywhere, nor by COPY, which a transaction of ours has no way to. Each value goes as the
 * text that Postgres prints of it, the one form in which every type comes back as it was.
 * @throws when the target is not empty.
 */
export async function copyWarehouse(
  source: Database,
  target: Database,
  {
    signal,
    observe,
  }: { readonly signal: AbortSignal; readonly observe: (table: string, rows: number) => void },
): Promise<CopiedRows> {
  const copied: Record<string, number> = {};
  await target.transaction(
    async (tx) => {
      await requireEmpty(tx);
      for (const table of filledByMigrations) await tx.execute(sql`delete from ${sql.identifier(table)}`);
      for (const table of tableNames) {
        const rows = await copyTable(source, tx, table, signal);
        copied[table] = rows;
        observe(table, rows);
      }
      for (const [table, column] of numbered) await copyNumbering(source, tx, table, column);
    },
    { unlimited: true },
  );
  await vacuum(target);
  return copied;
}

/** @throws when a table has rows that no migration has put there. */
export async function requireEmpty(tx: Transaction): Promise<void> {
  for (const table of tableNames.filter((name) => !filledByMigrations.includes(name))) {
    const rows = await tx.execute(sql`select from ${sql.identifier(table)} limit 1`);
    if (rows.length > 0)
      throw new Error(
        `there is data already, in ${table}: copy into an empty database, or another DATABASE_SCHEMA`,
      );
  }
}

async function copyTable(
  source: Database,
  tx: Transaction,
  table: string,
  signal: AbortSignal,
): Promise<number> {
  const columns = await loadColumns(source, table);
  const name = quoteIdentifier(table);
  const names = columns.map((column) => quoteIdentifier(column.name));
  const values = columns.map(({ type }, index) => `(value ->> ${index})::${type}`);
  const insert = sql.raw(`insert into ${name} (${names.join(', ')}) select ${values.join(', ')}`);
  // What triggers would derive is copied as well.
  await tx.execute(sql.raw(`alter table ${name} disable trigger user`));
  let pending: string[] = [];
  let characters = 0;
  let rows = 0;
  const flush = async (): Promise<void> => {
    const json = `[${pending.join(',')}]`;
    rows += pending.length;
    pending = [];
    characters = 0;
    await tx.execute(sql`${insert} from json_array_elements(${json}::json) value`);
  };
  await source.readRows({
    // In the order in which they lie there, which the index of `changed_at` lives on.
    text: `select to_json(array[${names.map((column) => `${column}::text`).join(', ')}])::text from ${name}`,
    values: [],
    timeoutMs: 0,
    signal,
    take: async (_columns, read) => {
      for (const [row] of read) {
        pending.push(String(row));
        characters += String(row).length;
        if (pending.length >= mostRows || characters >= mostCharacters) await flush();
      }
    },
  });
  if (pending.length > 0) await flush();
  await tx.execute(sql.raw(`alter table ${name} enable trigger user`));
  return rows;
}

function loadColumns(database: Database, table: string): Promise<readonly Column[]> {
  return database.transaction(async (tx) => [
    ...(await tx.execute<{ name: string; type: string }>(sql`
      select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
      where attrelid = ${table}::regclass and attnum > 0 and not attisdropped and attgenerated = ''
      order by attnum`)),
  ]);
}

async function copyNumbering(
  source: Database,
  tx: Transaction,
  table: string,
  column: string,
): Promise<void> {
  const [last] = await source.transaction(async (from) => {
    const [found] = await from.execute<{ sequence: string }>(
      sql`select pg_get_serial_sequence(${table}, ${column}) as sequence`,
    );
    return from.execute<{ value: string; called: boolean }>(
      sql`select last_value::text as value, is_called as called from ${sql.raw(found?.sequence ?? '')}`,
    );
  });
  if (last === undefined) throw new Error(`${table} has no numbering`);
  await tx.execute(
    sql`select setval(pg_get_serial_sequence(${table}, ${column}), ${last.value}::bigint, ${last.called})`,
  );
}

/** Until then the planner knows nothing of the tables, and nothing is read from an index alone. */
async function vacuum(database: Database): Promise<void> {
  const [place] = await database.transaction((tx) =>
    tx.execute<{ schema: string }>(sql`select current_schema() as schema`),
  );
  const schema = quoteIdentifier(place?.schema ?? 'public');
  for (const table of tableNames)
    await database.alone(`vacuum (analyze) ${schema}.${quoteIdentifier(table)}`);
}

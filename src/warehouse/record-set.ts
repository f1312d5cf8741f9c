import { getTableColumns, getTableName, sql, type SQL } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';

/**
 * The pieces of a statement that upserts a JSON record set into a table, for the columns that make up a row's content.
 * `content` maps the keys of the records (which are the table's keys in the Drizzle schema) to Postgres types; `keys` are
 * what else each record has, to find it by.
 */
export interface RecordSet {
  /** `from` item: the records as rows named `incoming`, keys first. */
  from(records: readonly object[]): SQL;
  /** The content columns of `incoming`, comma-separated, in the order of `content`. */
  readonly incoming: SQL;
  /** True for a row of `stored` whose content differs from `incoming`. */
  readonly storedDiffers: SQL;
  /** The same inside the conflict clause, between the target row and `excluded`. */
  readonly targetDiffers: SQL;
  /** `set` of the conflict clause for the content columns. */
  readonly set: Record<string, SQL>;
}

export function createRecordSet(
  table: PgTable,
  content: Readonly<Record<string, string>>,
  keys: Readonly<Record<string, string>> = { id: 'text' },
): RecordSet {
  const columns = getTableColumns(table);
  const target = getTableName(table);
  const names = Object.keys(content).map((key) => {
    const column = columns[key];
    if (column === undefined) throw new Error(`${target} has no column for ${key}`);
    return { key, name: column.name };
  });
  const list = (prefix: string): string => names.map(({ name }) => `${prefix}.${name}`).join(', ');
  const incoming = names.map(({ key }) => `incoming."${key}"`).join(', ');
  const types = Object.entries({ ...keys, ...content })
    .map(([key, type]) => `"${key}" ${type}`)
    .join(', ');
  return {
    from: (records) =>
      sql`json_to_recordset(${JSON.stringify(records)}::json) as incoming (${sql.raw(types)})`,
    incoming: sql.raw(incoming),
    storedDiffers: sql.raw(`(${list('stored')}) is distinct from (${incoming})`),
    targetDiffers: sql.raw(`(${list(target)}) is distinct from (${list('excluded')})`),
    set: Object.fromEntries(names.map(({ key, name }) => [key, sql.raw(`excluded.${name}`)])),
  };
}

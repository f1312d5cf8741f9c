import { getTableColumns, getTableName, sql, type SQL } from 'drizzle-orm';
import { toJsonText } from '../../sync/exact-number.ts';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';

/**
 * The pieces of a statement that upserts a JSON record set into a table, for the columns that make up a row's content.
 * `content` names the keys of the records, which are the table's keys in the Drizzle schema.
 */
export interface RecordSet {
  /** `from` item: the records as rows named `incoming`, `id` first. */
  from(records: readonly object[]): SQL;
  /** The names of the content columns, comma-separated, in the order of `content`. */
  readonly names: SQL;
  /** The content columns of `incoming`, in the same order. */
  readonly incoming: SQL;
  /** True for a row of `stored` whose content differs from `incoming`. */
  readonly storedDiffers: SQL;
  /** The same inside the conflict clause, between the target row and `excluded`. */
  readonly targetDiffers: SQL;
  /** The names of the content columns in which `stored` differs from `incoming`, as an array. */
  readonly differingColumns: SQL;
  /** `set` of the conflict clause for the content columns. */
  readonly set: SQL;
}

export function createRecordSet(table: PgTable, content: readonly string[]): RecordSet {
  const columns = getTableColumns(table);
  const target = getTableName(table);
  const names = content.map((key) => {
    const column = columns[key];
    if (column === undefined) throw new Error(`${target} has no column for ${key}`);
    return { key, name: column.name, type: column.getSQLType() };
  });
  const list = (prefix: string): string => names.map(({ name }) => `${prefix}${name}`).join(', ');
  const incoming = names.map(({ key }) => `incoming."${key}"`).join(', ');
  const types = ['id text', ...names.map(({ key, type }) => `"${key}" ${type}`)].join(', ');
  return {
    from: (records) => sql`json_to_recordset(${toJsonText(records)}::json) as incoming (${sql.raw(types)})`,
    names: sql.raw(list('')),
    incoming: sql.raw(incoming),
    storedDiffers: sql.raw(`(${list('stored.')}) is distinct from (${incoming})`),
    targetDiffers: sql.raw(`(${list(`${target}.`)}) is distinct from (${list('excluded.')})`),
    differingColumns: sql.raw(
      `array_remove(array[${names
        .map(
          ({ key, name }) => `case when stored.${name} is distinct from incoming."${key}" then '${name}' end`,
        )
        .join(', ')}], null)`,
    ),
    set: sql.raw(names.map(({ name }) => `${name} = excluded.${name}`).join(', ')),
  };
}

/**
 * Inserts records with the same keys, which are the table's in the Drizzle schema, and leaves other columns to their
 * defaults. `key` is the column on which a record replaces what is stored, in its own columns only.
 */
export function insertRecords(table: PgTable, records: readonly object[], key?: PgColumn): SQL {
  const [first = {}] = records;
  const columns = Object.entries(getTableColumns(table)).filter(([name]) => name in first);
  const list = (text: (name: string, column: PgColumn) => string): SQL =>
    sql.raw(columns.map(([name, column]) => text(name, column)).join(', '));
  const insert = sql`insert into ${table} (${list((_, { name }) => name)})
    select ${list((name) => `"${name}"`)}
    from json_to_recordset(${toJsonText(records)}::json)
      as incoming (${list((name, column) => `"${name}" ${column.getSQLType()}`)})`;
  if (key === undefined) return insert;
  const assigned = list((_, { name }) => `${name} = excluded.${name}`);
  return sql`${insert} on conflict (${sql.raw(key.name)}) do update set ${assigned}`;
}

import { stringify } from 'csv-stringify/sync';
import { sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '../../warehouse/connection/transaction.ts';
import { readBatches } from './read-batches.ts';
import type { Column } from './relation-columns.ts';

/**
 * RFC 4180 with a line of names first. Null is an empty field and an empty text is `""`; instants are RFC 3339 in UTC;
 * JSON is its text.
 */
export async function* csvChunks(
  tx: Transaction,
  relation: string,
  columns: readonly Column[],
): AsyncGenerator<string> {
  const names = columns.map(({ name }) => name);
  yield stringify([names]);
  const fields = sql.join(columns.map(textOf), sql`, `);
  const query = sql`select ${fields} from ${sql.identifier(relation)}`;
  for await (const rows of readBatches(tx, query)) {
    yield stringify([...rows], { columns: names, quoted_empty: true, cast: { null: () => unquotedEmpty } });
  }
}

const unquotedEmpty = { value: '', quoted_empty: false };

function textOf({ name, kind }: Column): SQL {
  const column = sql.identifier(name);
  switch (kind) {
    case 'instant':
      return sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as ${column}`;
    case 'date':
      return sql`to_char(${column}, 'YYYY-MM-DD') as ${column}`;
    case 'boolean':
    case 'integer':
    case 'bigint':
    case 'double':
    case 'text':
      return sql`${column}::text as ${column}`;
    case 'json':
      return sql`to_json(${column})::text as ${column}`;
  }
}

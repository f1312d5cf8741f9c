import { sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '../../warehouse/connection/transaction.ts';
import { ParquetFile } from './parquet-file.ts';
import { readBatches } from './read-batches.ts';
import type { Column } from './relation-columns.ts';

/** A Parquet file, one row group after another. */
export async function* parquetChunks(
  tx: Transaction,
  relation: string,
  columns: readonly Column[],
): AsyncGenerator<Uint8Array> {
  const file = new ParquetFile(columns);
  const fields = sql.join(columns.map(storedValueOf), sql`, `);
  const query = sql`select ${fields} from ${sql.identifier(relation)}`;
  for await (const rows of readBatches(tx, query)) {
    yield await file.add(rows.map((row) => columns.map((column) => valueOf(column, row[column.name]))));
  }
  yield await file.end();
}

/** The value as Parquet stores it. */
function storedValueOf({ name, kind }: Column): SQL {
  const column = sql.identifier(name);
  switch (kind) {
    case 'instant':
      return sql`(extract(epoch from ${column}) * 1000000)::bigint as ${column}`;
    case 'date':
      return sql`${column} - date '1970-01-01' as ${column}`;
    case 'json':
      return sql`to_json(${column})::text as ${column}`;
    case 'boolean':
    case 'integer':
    case 'bigint':
    case 'double':
      return sql`${column}`;
    case 'text':
      return sql`${column}::text as ${column}`;
  }
}

/** The driver hands over integers of 64 bits as text. */
function valueOf({ kind }: Column, value: unknown): unknown {
  return typeof value === 'string' && (kind === 'instant' || kind === 'bigint') ? BigInt(value) : value;
}

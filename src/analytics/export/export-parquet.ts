import { sql, type SQL } from 'drizzle-orm';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Transaction } from '../../warehouse/connection/transaction.ts';
import { readBatches, type Batch, type Row } from './read-batches.ts';
import type { Column, ColumnKind } from './relation-columns.ts';

/** A row group ends at one of these; it is what an export holds in memory at a time. */
const groupRows = 10_000;
const groupSize = 8_000_000;

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];

/** Instants are UTC microseconds, days are dates, JSON is text. */
const types: Readonly<Record<ColumnKind, Pick<SchemaElement, 'type' | 'converted_type' | 'logical_type'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  json: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  boolean: { type: 'BOOLEAN' },
  integer: { type: 'INT32' },
  bigint: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  date: { type: 'INT32', converted_type: 'DATE' },
  instant: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
};

/** A Parquet file, one row group after another. */
export async function* parquetChunks(
  tx: Transaction,
  relation: string,
  columns: readonly Column[],
): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter();
  const file = new ParquetWriter({ writer, schema: schemaOf(columns) });
  const fields = sql.join(columns.map(storedValueOf), sql`, `);
  const query = sql`select ${fields} from ${sql.identifier(relation)}`;
  for await (const rows of rowGroups(readBatches(tx, query))) {
    const columnData = columns.map((column) => ({
      name: column.name,
      data: rows.map((row) => valueOf(column, row[column.name])),
    }));
    await file.write({ columnData, rowGroupSize: rows.length });
    yield takeBytes(writer);
  }
  await file.finish();
  yield takeBytes(writer);
}

async function* rowGroups(batches: AsyncIterable<Batch>): AsyncGenerator<readonly Row[]> {
  let rows: Row[] = [];
  let size = 0;
  for await (const batch of batches) {
    rows.push(...batch.rows);
    size += batch.size;
    if (rows.length < groupRows && size < groupSize) continue;
    yield rows;
    rows = [];
    size = 0;
  }
  if (rows.length > 0) yield rows;
}

function schemaOf(columns: readonly Column[]): SchemaElement[] {
  return [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name, kind }) => ({ name, repetition_type: 'OPTIONAL' as const, ...types[kind] })),
  ];
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

/** Takes what was written since the last time; the writer goes on counting its offsets. */
function takeBytes(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}

import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
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

/** A Parquet file whose bytes come one row group after another. */
export class ParquetFile {
  readonly #columns: readonly Column[];
  readonly #writer = new ByteWriter();
  readonly #file: ParquetWriter;
  #rows: (readonly unknown[])[] = [];
  #size = 0;

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
    this.#file = new ParquetWriter({ writer: this.#writer, schema: schemaOf(columns) });
  }

  /**
   * @param rows Values as Parquet stores them: instants as microseconds and long integers as bigints, days as numbers.
   * @returns the next bytes of the file; often none.
   */
  async add(rows: readonly (readonly unknown[])[]): Promise<Uint8Array> {
    this.#rows.push(...rows);
    this.#size += rows.reduce((sum, row) => sum + sizeOf(row), 0);
    if (this.#rows.length >= groupRows || this.#size >= groupSize) await this.#endGroup();
    return takeBytes(this.#writer);
  }

  /** @returns the rest of the file. */
  async end(): Promise<Uint8Array> {
    if (this.#rows.length > 0) await this.#endGroup();
    await this.#file.finish();
    return takeBytes(this.#writer);
  }

  async #endGroup(): Promise<void> {
    const rows = this.#rows;
    const columnData = this.#columns.map(({ name }, index) => ({
      name,
      data: rows.map((row) => row[index]),
    }));
    await this.#file.write({ columnData, rowGroupSize: rows.length });
    this.#rows = [];
    this.#size = 0;
  }
}

function schemaOf(columns: readonly Column[]): SchemaElement[] {
  return [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name, kind }) => ({ name, repetition_type: 'OPTIONAL' as const, ...types[kind] })),
  ];
}

/** About how much memory it takes, in characters. */
function sizeOf(row: readonly unknown[]): number {
  return row.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0);
}

/** Takes what was written since the last time; the writer goes on counting its offsets. */
function takeBytes(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}

import { ParquetFile } from '../export/parquet-file.ts';
import type { Column, ColumnKind } from '../export/relation-columns.ts';
import { textOf, type AnswerFormat } from './answer-formats.ts';

/** By the object id of the type; everything else is text. A `numeric` has no length that is known beforehand. */
const kinds: Readonly<Record<number, ColumnKind>> = {
  16: 'boolean',
  20: 'bigint',
  21: 'integer',
  23: 'integer',
  700: 'double',
  701: 'double',
  1700: 'double',
  1082: 'date',
  1184: 'instant',
};

/** An answer as a Parquet file, one row group after another. */
export function createParquetAnswer(): AnswerFormat<string | Promise<Uint8Array>> {
  let columns: readonly Column[] = [];
  let file = new ParquetFile(columns);
  return {
    begin: (named) => {
      columns = named.map(({ name, type }) => ({ name, kind: kinds[type] ?? 'text' }));
      const twice = columns.find(
        ({ name }, index) => columns.findIndex((other) => other.name === name) < index,
      );
      if (twice !== undefined)
        throw new Error(
          `two columns are called "${twice.name}": Parquet wants other names (select x as name)`,
        );
      file = new ParquetFile(columns);
      return '';
    },
    rows: (_columns, rows) =>
      file.add(rows.map((row) => columns.map(({ kind }, index) => storedValueOf(kind, row[index])))),
    end: () => file.end(),
  };
}

/** The driver hands over instants, days and long numbers as Postgres prints them. Infinity is no instant. */
function storedValueOf(kind: ColumnKind, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (kind) {
    case 'instant':
      return microsecondsOf(textOf(value));
    case 'date':
      return finite(Date.parse(textOf(value)) / 86_400_000);
    case 'bigint':
      return BigInt(textOf(value));
    case 'double':
      return Number(value);
    case 'text':
    case 'json':
      return textOf(value);
    case 'boolean':
    case 'integer':
      return value;
  }
}

function microsecondsOf(instant: string): bigint | null {
  const [, seconds, fraction = ''] = /^(.{19})(?:\.(\d+))?\+00$/.exec(instant) ?? [];
  const ms = finite(Date.parse(`${seconds}Z`));
  return ms === null ? null : BigInt(ms) * 1000n + BigInt(fraction.padEnd(6, '0'));
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { sql } from 'drizzle-orm';
import type { Database } from '../../warehouse/connection/database.ts';
import type { Transaction } from '../../warehouse/connection/transaction.ts';
import { csvChunks } from './export-csv.ts';
import { ndjsonChunks } from './export-ndjson.ts';
import { parquetChunks } from './export-parquet.ts';
import { loadColumns, type Column } from './relation-columns.ts';

type Chunks = (
  tx: Transaction,
  relation: string,
  columns: readonly Column[],
) => AsyncGenerator<string | Uint8Array>;

const formats = { csv: csvChunks, ndjson: ndjsonChunks, parquet: parquetChunks } satisfies Record<
  string,
  Chunks
>;

export type ExportFormat = keyof typeof formats;

export const exportFormats: readonly string[] = Object.keys(formats);

export function isExportFormat(text: string): text is ExportFormat {
  return Object.hasOwn(formats, text);
}

export interface Export {
  /** A table or view of the warehouse. */
  readonly relation: string;
  readonly format: ExportFormat;
  /** Stays open. */
  readonly out: Writable;
  readonly signal?: AbortSignal;
}

/**
 * Writes a table or view as it is at one moment (that of its one query), in no particular order. Memory does not grow with the rows: no more
 * are fetched than `out` takes.
 * @throws UnknownRelationError before anything is written; the signal's reason; the error of `out` as it is.
 */
export async function exportRelation(
  database: Database,
  { relation, format, out, signal }: Export,
): Promise<void> {
  const write = async (tx: Transaction): Promise<void> => {
    await tx.execute(sql`set transaction read only`);
    const columns = await loadColumns(tx, relation);
    const chunks: Chunks = formats[format];
    // A chunk is a whole batch: one of them ready is as far as reading may run ahead.
    const source = Readable.from(chunks(tx, relation, columns), { highWaterMark: 1 });
    try {
      await pipeline(source, out, { end: false, ...(signal === undefined ? {} : { signal }) });
    } catch (error) {
      // What aborted says more than that something did.
      signal?.throwIfAborted();
      throw error;
    }
  };
  // Who reads it may take his time.
  await database.transaction(write, { unlimited: true });
}

import { sql } from 'drizzle-orm';
import type { Transaction } from '../../warehouse/connection/transaction.ts';
import { readBatches } from './read-batches.ts';

/** One JSON object a line, written by Postgres: JSON columns are nested, integers of 64 bits keep all their digits. */
export async function* ndjsonChunks(tx: Transaction, relation: string): AsyncGenerator<string> {
  const query = sql`select row_to_json(exported_row)::text as line from ${sql.identifier(relation)} exported_row`;
  for await (const rows of readBatches(tx, query)) {
    yield rows.map(({ line }) => `${String(line)}\n`).join('');
  }
}

import { sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '../../warehouse/connection/transaction.ts';

export type Row = Readonly<Record<string, unknown>>;

const firstRows = 100;
const mostRows = 1000;
const wantedSize = 1_000_000;

/**
 * The rows of a query, a batch at a time through a cursor of the transaction. No batch is fetched before the reader
 * wants it, and the longer the rows, the fewer they are: a reason of a failure may be a megabyte long.
 */
export async function* readBatches(tx: Transaction, query: SQL): AsyncGenerator<readonly Row[]> {
  // All rows will be read; a cursor is otherwise planned for the first tenth.
  await tx.execute(sql`set local cursor_tuple_fraction = 1`);
  await tx.execute(sql`declare exported no scroll cursor for ${query}`);
  let wantedRows = firstRows;
  for (;;) {
    const rows: readonly Row[] = await tx.execute(sql.raw(`fetch ${wantedRows} from exported`));
    const size = rows.reduce((sum, row) => sum + sizeOf(row), 0);
    if (rows.length > 0) yield rows;
    if (rows.length < wantedRows) return;
    wantedRows = Math.min(mostRows, Math.ceil((rows.length * wantedSize) / Math.max(size, 1)));
  }
}

/** About how much memory it takes, in characters. */
function sizeOf(row: Row): number {
  return Object.values(row).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 8),
    0,
  );
}

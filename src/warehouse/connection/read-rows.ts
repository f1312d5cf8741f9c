import type { TransactionSql } from 'postgres';

/** A column of an answer. */
export interface AnswerColumn {
  readonly name: string;
  /** Object id of its type. */
  readonly type: number;
}

/** One statement that a person wrote, and who takes its rows. */
export interface ReadRows {
  readonly text: string;
  readonly values: readonly (string | number)[];
  readonly timeoutMs: number;
  /** Stops it: the answer rejects with the reason at once, and the server notices within seconds. */
  readonly signal: AbortSignal;
  /** Takes some rows, values in the order of the columns; the next are not fetched before it has. */
  readonly take: (columns: readonly AnswerColumn[], rows: readonly (readonly unknown[])[]) => Promise<void>;
}

const rowsAtOnce = 100;

/**
 * Runs the statement in a transaction, which from then on cannot write. The extended protocol takes one statement only: a second one,
 * which could end the transaction, is refused by the server before anything runs.
 * @returns the columns, of an answer without rows too.
 */
export async function readRows(
  tx: TransactionSql,
  prologue: string,
  { text, values, timeoutMs, take }: ReadRows,
): Promise<readonly AnswerColumn[]> {
  await tx.unsafe(`set transaction read only;\n${prologue}`);
  // A transaction that has read can be made to write no more.
  await tx.unsafe(`select set_config('statement_timeout', '${Math.trunc(timeoutMs)}', true)`);
  const answer = tx.unsafe(text, [...values], { prepare: false }).values();
  // A cursor is what makes the driver use the extended protocol for a statement without values, too.
  let columns: readonly AnswerColumn[] = [];
  const onRows = (rows: readonly (readonly unknown[])[]): unknown => {
    // Only the first rows come with their columns.
    if (columns.length === 0) columns = columnsOf(rows);
    return take(columns, rows);
  };
  // It waits for what is returned, which its types do not say.
  const result = await answer.cursor(rowsAtOnce, onRows);
  return columnsOf(result);
}

function columnsOf(result: object): readonly AnswerColumn[] {
  const columns: unknown[] = 'columns' in result && Array.isArray(result.columns) ? result.columns : [];
  return columns.flatMap((column) =>
    typeof column === 'object' &&
    column !== null &&
    'name' in column &&
    typeof column.name === 'string' &&
    'type' in column &&
    typeof column.type === 'number'
      ? [{ name: column.name, type: column.type }]
      : [],
  );
}

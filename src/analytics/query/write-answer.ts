import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Database } from '../../warehouse/connection/database.ts';
import type { PreparedQuery } from '../questions/question.ts';
import { createAnswerFormat, type AnswerFormatName } from './answer-formats.ts';

export interface WantedAnswer {
  readonly query: PreparedQuery;
  readonly format: AnswerFormatName;
  /** Characters of a line of a table; null: as many as it needs. */
  readonly width: number | null;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Stays open. */
  readonly out: Writable;
  /** What is done to the text before it is written. */
  readonly clean: (text: string) => string;
}

/** Runs one statement that cannot write and writes its answer. Memory does not grow with the rows. */
export async function writeAnswer(database: Database, wanted: WantedAnswer): Promise<void> {
  const { query, timeoutMs, signal, out, clean } = wanted;
  const format = createAnswerFormat(wanted.format, wanted.width);
  const write = async (text: string): Promise<void> => {
    if (!out.write(clean(text))) await once(out, 'drain', { signal });
  };
  let hasBegun = false;
  const columns = await database.readRows({
    ...query,
    timeoutMs,
    signal,
    take: async (columnsOfRows, rows) => {
      const head = hasBegun ? '' : format.begin(columnsOfRows, rows);
      hasBegun = true;
      await write(head + format.rows(columnsOfRows, rows));
    },
  });
  await write((hasBegun ? '' : format.begin(columns, [])) + format.end());
}

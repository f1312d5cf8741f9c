import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Database } from '../../warehouse/connection/database.ts';
import type { PreparedQuery } from '../questions/question.ts';
import { createAnswerFormat, textFormats } from './answer-formats.ts';

export const answerFormats = [...textFormats, 'parquet'] as const;

export type AnswerFormatName = (typeof answerFormats)[number];

export interface WantedAnswer {
  readonly query: PreparedQuery;
  readonly format: AnswerFormatName;
  /** Characters of a line of a table; null: as many as it needs. */
  readonly width: number | null;
  /** 0: none. */
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
  const format =
    wanted.format === 'parquet'
      ? // Loaded by nobody else.
        (await import('./parquet-answer.ts')).createParquetAnswer()
      : createAnswerFormat(wanted.format, wanted.width);
  const write = async (chunk: string | Uint8Array): Promise<void> => {
    if (chunk.length === 0) return;
    if (!out.write(typeof chunk === 'string' ? clean(chunk) : chunk)) await once(out, 'drain', { signal });
  };
  let hasBegun = false;
  const columns = await database.readRows({
    ...query,
    timeoutMs,
    signal,
    take: async (columnsOfRows, rows) => {
      if (!hasBegun) await write(await format.begin(columnsOfRows, rows));
      hasBegun = true;
      await write(await format.rows(columnsOfRows, rows));
    },
  });
  if (!hasBegun) await write(await format.begin(columns, []));
  await write(await format.end());
}

import type { Writable } from 'node:stream';
import { writeAnswer, type AnswerFormatName } from '../../../analytics/query/write-answer.ts';
import type { PreparedQuery } from '../../../analytics/questions/question.ts';
import { WordedError } from '../../../app/database-failure.ts';
import { describeInOneLine } from '../../../app/describe-in-one-line.ts';
import type { Database } from '../../../warehouse/connection/database.ts';
import { makeHarmless } from '../../terminal/make-harmless.ts';

/** What the server says of a statement that it does not run. */
class QueryFailedError extends WordedError {
  override readonly name = 'QueryFailedError';
}

export interface QueryRun {
  readonly query: PreparedQuery;
  readonly format: AnswerFormatName;
  /** Stays open. */
  readonly out: Writable;
  /** Characters of its lines if it is a terminal; null: it is none. */
  readonly terminalWidth: number | null;
  /** 0: it may take as long as it likes. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

/**
 * Writes the answer to one statement, harmless for a terminal.
 * @throws QueryFailedError if the server refuses it; the signal's reason.
 */
export async function runQuery(database: Database, run: QueryRun): Promise<void> {
  const { query, format, out, terminalWidth, timeoutSeconds, signal } = run;
  const isSeen = terminalWidth !== null || format === 'table';
  try {
    await writeAnswer(database, {
      query,
      format,
      width: terminalWidth,
      timeoutMs: timeoutSeconds * 1000,
      signal,
      out,
      clean: isSeen ? makeHarmless : (text) => text,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw wordsOf(error, timeoutSeconds);
  }
}

/** SQLSTATE classes that speak of the statement: data, transaction state, rights and syntax, limits. */
const ofStatement = /^(?:0A|2[0-9]|42|53|54)/;
const canceled = '57014';

function wordsOf(error: unknown, timeoutSeconds: number): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  if (error.code === canceled) {
    const line = `the query took longer than ${timeoutSeconds} s; --timeout allows more`;
    return new QueryFailedError(line, { cause: error });
  }
  if (error.code === 'EPIPE' || !ofStatement.test(error.code)) return error;
  return new QueryFailedError(`the query failed: ${describeInOneLine(error)}`, { cause: error });
}

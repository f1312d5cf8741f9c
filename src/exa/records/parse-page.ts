import { z } from 'zod';
import { AnswerTooLargeError } from '../http/errors.ts';
import { MalformedAnswerError } from '../http/operation.ts';
import { problemsOf } from './record-schema.ts';
import { isStorableText } from './storable-json.ts';

const pageSchema = z.object(
  {
    data: z.array(z.unknown()),
    hasMore: z.boolean(),
    // Kept in the checkpoint as it is: a changed cursor would be another one.
    nextCursor: z.string().refine(isStorableText, 'holds characters that Postgres refuses').nullish(),
  },
  'expected an object',
);

/** Far more than a page that was asked for has. */
const mostRecords = 10_000;

/** The envelope of a list's page; its records are not looked at. */
export interface Page {
  readonly data: readonly unknown[];
  readonly hasMore: boolean;
  /** Null when the API sends none or an empty one. */
  readonly nextCursor: string | null;
}

/** @throws MalformedAnswerError when it is not a page: an error dressed as 200, say. AnswerTooLargeError */
export function parsePage(json: unknown): Page {
  const parsed = pageSchema.safeParse(json);
  if (!parsed.success)
    throw new MalformedAnswerError(`the answer is not a page: ${problemsOf(parsed.error)}`);
  const { data, hasMore, nextCursor } = parsed.data;
  if (data.length > mostRecords) throw new AnswerTooLargeError(`it has ${data.length} records`);
  return { data, hasMore, nextCursor: nextCursor || null };
}

const recordSchema = z.looseObject({ id: z.string() });

/** The answer to a question by id. @throws MalformedAnswerError when it is not an object with that id. */
export function parseRecord(json: unknown, id: string): unknown {
  const parsed = recordSchema.safeParse(json);
  if (!parsed.success) throw new MalformedAnswerError('the answer is not an object with an id');
  if (parsed.data.id !== id) throw new MalformedAnswerError('the answer has another id');
  return json;
}

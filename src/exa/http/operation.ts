import { SkipMonitorError } from '../../sync/errors.ts';
import type { Endpoint } from './request-event.ts';

/** One question to the API. */
export interface Operation<T> {
  readonly endpoint: Endpoint;
  /** What is being done, with the ids, as error messages name it. */
  readonly label: string;
  readonly url: string;
  /** Reads parsed JSON. @throws MalformedAnswerError when it is not what this operation answers. */
  readonly read: (json: unknown) => T;
  /** The most that this answer may weigh, where that is less than for any answer. */
  readonly maxBytes?: number;
  /** What a 404 means; without it a 404 is a refusal. */
  readonly notFound?: T;
}

/** The answer is JSON, but not the answer to this question; another attempt may bring it. */
export class MalformedAnswerError extends Error {
  override readonly name = 'MalformedAnswerError';
}

/**
 * An id as one segment of a path. `.` and `..` cannot be one: a URL takes them, percent-encoded or not, for steps in
 * the path, and another question would be asked.
 * @throws SkipMonitorError for such an id, an empty one, and one that is not valid Unicode.
 */
export function pathSegment(id: string): string {
  if (id === '' || id === '.' || id === '..' || /\p{Cs}/u.test(id)) {
    throw new SkipMonitorError(`the id ${JSON.stringify(id)} cannot be asked for: it cannot stand in a URL`);
  }
  return encodeURIComponent(id).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The query of a page: both fields are left out when null. */
export function pageQuery(limit: number | null, cursor: string | null): string {
  const query = new URLSearchParams();
  if (limit !== null) query.set('limit', String(limit));
  if (cursor !== null) query.set('cursor', cursor);
  return query.size === 0 ? '' : `?${query.toString()}`;
}

import { SkipMonitorError } from '../../sync/errors.ts';
import { AnswerRefusedError, ApiRefusedError, FailedAttemptError } from './errors.ts';
import type { Redact } from './answer-text.ts';
import { cleanLine, errorMessageOf, looksLikeHtml } from './answer-text.ts';
import type { HttpAnswer } from './fetch-answer.ts';
import { MalformedAnswerError } from './operation.ts';
import type { Operation } from './operation.ts';
import type { RetryReason } from './request-event.ts';
import { retryAfterMs } from './retry-delay.ts';

const whatToDo: ReadonlyMap<number, string> = new Map([
  [401, 'the API does not accept the key: check EXA_API_KEY'],
  [402, 'no credits are left, or the budget of the key is used up: top up the account or raise the budget'],
  [403, 'the key is not allowed to read monitors: check the permissions of EXA_API_KEY'],
]);

const transientStatuses: ReadonlyMap<number, RetryReason> = new Map([
  [408, 'http_408'],
  [425, 'http_425'],
  [429, 'http_429'],
]);

/**
 * Sorts an answer by what happens next, and reads it when it is one.
 * @throws ApiRefusedError (401, 402, 403), FailedAttemptError (another attempt may succeed), AnswerRefusedError (any other
 * status), SkipMonitorError (too large to be read).
 */
export function judgeAnswer<T>(
  operation: Operation<T>,
  answer: HttpAnswer,
  redact: Redact,
  nowMs: number,
): T {
  const { status } = answer;
  if (status >= 200 && status < 300) return readJson(operation, answer, redact);
  const problem = describe(operation, answer, redact);
  const advice = whatToDo.get(status);
  if (advice !== undefined) throw new ApiRefusedError(`${problem}: ${advice}`, status);
  const reason = status >= 500 ? 'http_5xx' : transientStatuses.get(status);
  if (reason !== undefined) {
    throw new FailedAttemptError(problem, reason, retryAfterMs(answer.retryAfter, answer.date, nowMs));
  }
  // A gateway's page says nothing about the object; taken for the API's word, it would mark what exists as absent.
  if (status === 404 && looksLikeHtml(answer.body) && operation.endpoint !== 'list_monitors') {
    throw new FailedAttemptError(`${problem} with an HTML page`, 'unreadable_body', null);
  }
  if (status === 404 && operation.notFound !== undefined) return operation.notFound;
  throw new AnswerRefusedError(problem, status);
}

function readJson<T>(operation: Operation<T>, answer: HttpAnswer, redact: Redact): T {
  if (answer.tooLarge) {
    throw new SkipMonitorError(`${describe(operation, answer, redact)}, but larger than allowed`);
  }
  try {
    return operation.read(JSON.parse(answer.body));
  } catch (error) {
    // The cause is dropped: V8 quotes the body in it, and a body may hold anything.
    if (error instanceof SyntaxError)
      throw unreadable(describe(operation, answer, redact), notJson(answer, redact));
    if (error instanceof MalformedAnswerError) {
      // It may be an error dressed as success.
      throw unreadable(describe(operation, answer, redact, errorMessageOf(answer.body)), error.message);
    }
    throw error;
  }
}

function unreadable(answered: string, problem: string): Error {
  return new FailedAttemptError(`${answered}, but ${problem}`, 'unreadable_body', null);
}

function notJson({ body, contentType }: HttpAnswer, redact: Redact): string {
  if (body === '') return 'the body is empty';
  return `the body is not JSON (${body.length} characters of ${cleanLine(contentType ?? 'no type', redact)})`;
}

/** Operation and ids, status, the API's own words, and the id that Exa's support asks for. */
function describe(
  { label }: Operation<unknown>,
  answer: HttpAnswer,
  redact: Redact,
  message = answer.status >= 200 && answer.status < 300 ? '' : errorMessageOf(answer.body),
): string {
  const words = cleanLine(message, redact);
  const requestId = cleanLine(answer.requestId ?? '', redact);
  const said = words === '' ? '' : ` "${words}"`;
  return `${label}: HTTP ${answer.status}${said}${requestId === '' ? '' : ` (request id ${requestId})`}`;
}

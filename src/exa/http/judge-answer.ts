import { SourceUnavailableError } from '../../sync/errors.ts';
import type { Redact } from './answer-text.ts';
import { cleanLine, looksLikeHtml, readErrorBody, type ErrorBody } from './answer-text.ts';
import { AnswerRefusedError, AnswerTooLargeError, ApiRefusedError, FailedAttemptError } from './errors.ts';
import type { HttpAnswer } from './fetch-answer.ts';
import { MalformedAnswerError } from './operation.ts';
import type { Operation } from './operation.ts';
import { parseJson } from './parse-json.ts';
import type { RetryReason } from './request-event.ts';
import { retryAfterMs } from './retry.ts';

export interface JudgeOptions {
  readonly redact: Redact;
  /** The setting that the key comes from, as messages name it. */
  readonly keyName: string;
}

const transientStatuses: ReadonlyMap<number, RetryReason> = new Map([
  [408, 'http_408'],
  [425, 'http_425'],
  [429, 'http_429'],
]);

/**
 * Sorts an answer by what happens next, and reads it when it is one.
 * @throws ApiRefusedError (the key, its rights, the credits), SourceUnavailableError (not in the plan), FailedAttemptError
 * (another attempt may succeed), AnswerRefusedError (any other status), AnswerTooLargeError.
 */
export function judgeAnswer<T>(
  operation: Operation<T>,
  answer: HttpAnswer,
  options: JudgeOptions,
  nowMs: number,
): T {
  const { status } = answer;
  if (status >= 200 && status < 300) return readJson(operation, answer, options);
  const isHtml = looksLikeHtml(answer.body);
  const said = readErrorBody(answer.body);
  const problem = describe(operation, answer, options, said);
  const pauseMs = retryAfterMs(answer.retryAfter, answer.date, nowMs);
  // A gateway that guards the API refuses a visitor, not the key: it asks to wait, or shows a challenge.
  if (status === 403 && (pauseMs !== null || isHtml)) {
    throw new FailedAttemptError(`${problem} from a gateway`, 'http_403', pauseMs);
  }
  const refusal = refusalOf(status, said, problem, options);
  if (refusal !== null) throw refusal;
  const reason = status >= 500 ? 'http_5xx' : transientStatuses.get(status);
  if (reason !== undefined) throw new FailedAttemptError(problem, reason, pauseMs);
  // A gateway's page says nothing about the object; taken for the API's word, it would mark what exists as absent.
  if (status === 404 && isHtml && operation.endpoint !== 'list_monitors') {
    throw new FailedAttemptError(`${problem} with an HTML page`, 'unreadable_body', null);
  }
  if (status === 404 && operation.notFound !== undefined) return operation.notFound;
  throw new AnswerRefusedError(problem, status);
}

const aboutMoney = /credit|budget/i;
const aboutThePlan = /\b(?:upgrade|plan)\b|not_on_plan|not_in_contract|feature_disabled/i;
const aboutTheKey = /\bx-api-key\b|\bapi[ _-]?key\b|invalid_api_key/i;

/** What ends all asking of this API; null for any other answer. A bad key was seen to come as 400. */
function refusalOf(
  status: number,
  { words, tag }: ErrorBody,
  problem: string,
  { keyName }: JudgeOptions,
): ApiRefusedError | SourceUnavailableError | null {
  const said = `${tag} ${words}`;
  const isRefused = status === 401 || status === 402 || status === 403;
  if (isRefused && aboutThePlan.test(said) && !aboutMoney.test(said)) {
    return new SourceUnavailableError(`${problem}: the plan of this account does not include this API`);
  }
  if (status === 401 || (status === 400 && aboutTheKey.test(said))) {
    return new ApiRefusedError(`${problem}: the API does not accept the key: check ${keyName}`, status);
  }
  if (status === 402) {
    const advice =
      'no credits are left, or the budget of the key is used up: top up the account or raise the budget';
    return new ApiRefusedError(`${problem}: ${advice}`, status);
  }
  if (status === 403) {
    const advice = `the key is not allowed to read monitors: check the permissions of ${keyName}`;
    return new ApiRefusedError(`${problem}: ${advice}`, status);
  }
  return null;
}

function readJson<T>(operation: Operation<T>, answer: HttpAnswer, options: JudgeOptions): T {
  const silent: ErrorBody = { words: '', tag: '', requestId: '' };
  if (answer.tooLarge) {
    throw new AnswerTooLargeError(`${describe(operation, answer, options, silent)}, but larger than allowed`);
  }
  try {
    return operation.read(parseJson(answer.body));
  } catch (error) {
    if (error instanceof AnswerTooLargeError) {
      throw new AnswerTooLargeError(
        `${describe(operation, answer, options, silent)}, but larger than allowed: ${error.message}`,
      );
    }
    // The cause is dropped: V8 quotes the body in it, and a body may hold anything.
    if (error instanceof SyntaxError)
      throw unreadable(describe(operation, answer, options, silent), notJson(answer, options));
    if (error instanceof MalformedAnswerError) {
      // It may be an error dressed as success.
      throw unreadable(describe(operation, answer, options, readErrorBody(answer.body)), error.message);
    }
    throw error;
  }
}

function unreadable(answered: string, problem: string): Error {
  return new FailedAttemptError(`${answered}, but ${problem}`, 'unreadable_body', null);
}

function notJson({ body, contentType }: HttpAnswer, { redact }: JudgeOptions): string {
  if (body === '') return 'the body is empty';
  return `the body is not JSON (${body.length} characters of ${cleanLine(contentType ?? 'no type', redact)})`;
}

/** Operation and ids, status, the API's own words, and the id that Exa's support asks for: in the head, or in the body. */
function describe(
  { label }: Operation<unknown>,
  answer: HttpAnswer,
  { redact }: JudgeOptions,
  said: ErrorBody,
): string {
  const words = cleanLine(said.words, redact);
  const requestId = cleanLine(answer.requestId ?? said.requestId, redact);
  const quoted = words === '' ? '' : ` "${words}"`;
  return `${label}: HTTP ${answer.status}${quoted}${requestId === '' ? '' : ` (request id ${requestId})`}`;
}

import { FailedAttemptError } from './errors.ts';
import type { HttpGet, HttpResponse } from './http-get.ts';

/** An answer of any status, its body read. */
export interface HttpAnswer {
  readonly status: number;
  /** Empty when it was longer than allowed. What is not UTF-8 became U+FFFD. */
  readonly body: string;
  readonly tooLarge: boolean;
  /** Of the body, decompressed. */
  readonly bytes: number;
  readonly contentType: string | null;
  readonly requestId: string | null;
  readonly retryAfter: string | null;
  readonly date: string | null;
}

export interface FetchSettings {
  readonly get: HttpGet;
  readonly headers: Readonly<Record<string, string>>;
  /** For the whole attempt, body included. */
  readonly timeoutMs: number;
  /** After decompression. */
  readonly maxResponseBytes: number;
}

/**
 * One attempt: sends the request and reads the answer whole. `onHead` is told when its head has come.
 * @throws FailedAttemptError when no whole answer came.
 */
export async function fetchAnswer(
  url: string,
  settings: FetchSettings,
  onHead: () => void,
): Promise<HttpAnswer> {
  const { timeoutMs } = settings;
  // Not AbortSignal.timeout or AbortSignal.any: in Node 20 they leave a timer or a listener behind for each request.
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  try {
    // The key goes to the configured host only: a redirect is an answer, it is not followed.
    const response = await settings.get(url, { headers: settings.headers, signal: controller.signal });
    onHead();
    return await readAnswer(response, settings.maxResponseBytes);
  } catch (error) {
    if (controller.signal.aborted) {
      throw new FailedAttemptError(`no whole answer within ${timeoutMs} ms`, 'timeout', null);
    }
    throw new FailedAttemptError(`connection failed (${reasonOf(error)})`, 'network', null, causeOf(error));
  } finally {
    clearTimeout(timer);
  }
}

async function readAnswer(response: HttpResponse, maxBytes: number): Promise<HttpAnswer> {
  const { status } = response;
  const isOk = status >= 200 && status < 300;
  const body = await readBody(response, maxBytes).catch((error: unknown) => {
    // The status of a refusal counts without its body; an answer without its end is none.
    if (isOk) throw error;
    return { text: '', bytes: 0 };
  });
  return {
    status,
    body: body?.text ?? '',
    bytes: body?.bytes ?? 0,
    tooLarge: body === null,
    contentType: response.header('content-type'),
    requestId: response.header('x-request-id'),
    retryAfter: response.header('retry-after'),
    date: response.header('date'),
  };
}

interface Body {
  readonly text: string;
  readonly bytes: number;
}

/** The body, null when it is longer than `maxBytes`. */
async function readBody({ body }: HttpResponse, maxBytes: number): Promise<Body | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return null;
    chunks.push(chunk);
  }
  return { text: new TextDecoder().decode(Buffer.concat(chunks)), bytes };
}

/** A parser's error carries the bytes that it could not parse, and those may hold anything: it is dropped. */
function causeOf(error: unknown): ErrorOptions {
  const carriesData = error instanceof Error && 'data' in error;
  return carriesData ? {} : { cause: error };
}

/** `fetch failed` says nothing: the innermost cause does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return code === null || error.message.includes(code)
    ? error.message || error.name
    : `${code}: ${error.message}`;
}

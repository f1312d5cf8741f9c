import { STATUS_CODES } from 'node:http';
import { toInstant } from '../state/instant.ts';

/** An error that the API answers with. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly retryAfter: string | null;

  constructor(status: number, message: string, retryAfter: string | null = null) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export function encodeError(
  error: { readonly status: number; readonly message: string },
  context: { readonly path: string; readonly requestId: string; readonly nowMs: number },
): string {
  return JSON.stringify({
    statusCode: error.status,
    timestamp: toInstant(context.nowMs),
    message: error.message,
    error: STATUS_CODES[error.status] ?? 'Error',
    path: context.path,
    requestId: context.requestId,
  });
}

/** What a gateway in front of the API sends. */
export function encodeHtmlError(status: number): string {
  const title = `${status} ${STATUS_CODES[status] ?? 'Error'}`;
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
}

/** An error that the API answers with; each API puts it into its own words. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** The header of that name. */
  readonly retryAfter: string | null;
  /** What the Search API calls the error; null: what it calls most errors of that status. */
  readonly tag: string | null;
  /** The body has the request's id and the message and nothing else, as was recorded of a bad key on either API. */
  readonly isBare: boolean;

  constructor(
    status: number,
    message: string,
    more: { readonly retryAfter?: string | null; readonly tag?: string; readonly isBare?: boolean } = {},
  ) {
    super(message);
    this.status = status;
    this.retryAfter = more.retryAfter ?? null;
    this.tag = more.tag ?? null;
    this.isBare = more.isBare ?? false;
  }
}

/** Where an error came up. */
export interface ErrorContext {
  readonly path: string;
  readonly requestId: string;
  readonly nowMs: number;
}

export type BadKeyStatus = 400 | 401;

/** Documented is 401; recorded was 400. */
export function refuseKey(status: BadKeyStatus): ApiError {
  return status === 400
    ? new ApiError(400, 'x-api-key header is invalid', { isBare: true })
    : new ApiError(401, 'Invalid API key');
}

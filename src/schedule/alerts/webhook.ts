/** Posts one alert. @throws WebhookError that says why it did not arrive. */
export type SendAlert = (text: string) => Promise<void>;

/** An alert or a heartbeat that did not arrive. The message has no address: whoever knows it can post. */
class WebhookError extends Error {
  override readonly name = 'WebhookError';
}

/** As much of `fetch` as alerts and heartbeats need. */
export type WebFetch = (
  url: string,
  options: {
    readonly method: string;
    readonly headers?: Record<string, string>;
    readonly body?: string;
    readonly redirect: 'manual';
    readonly signal: AbortSignal;
  },
) => Promise<{
  readonly ok: boolean;
  readonly status: number;
  readonly body: { cancel(): Promise<void> } | null;
}>;

export interface WebhookOptions {
  readonly url: string;
  readonly fetch: WebFetch;
  readonly timeoutMs: number;
  /** Aborts when the process is asked to end: what is under way then gets `graceMs` more. */
  readonly signal: AbortSignal;
  readonly graceMs: number;
}

/** Slack's and its imitators' incoming webhooks: a JSON object with a `text`. */
export function createWebhook(
  options: WebhookOptions & { readonly redact: (text: string) => string },
): SendAlert {
  return (text) =>
    request('the alert webhook', options, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: escapeMarkup(options.redact(text)) }),
    });
}

/** The address that a watcher such as Healthchecks.io or Uptime Kuma waits to be called at. @throws WebhookError */
export function createHeartbeat(options: WebhookOptions): () => Promise<void> {
  return () => request('the heartbeat URL', options, { method: 'GET' });
}

async function request(
  what: string,
  options: WebhookOptions,
  init: Omit<Parameters<WebFetch>[1], 'redirect' | 'signal'>,
): Promise<void> {
  const patience = startPatience(what, options);
  try {
    const response = await options.fetch(options.url, { ...init, redirect: 'manual', signal: patience.over });
    await response.body?.cancel();
    if (!response.ok) throw new WebhookError(`${what} answered ${response.status}`);
  } catch (error) {
    if (error instanceof WebhookError) throw error;
    throw new WebhookError(`${what} could not be reached (${codeOf(error)})`);
  } finally {
    patience.end();
  }
}

/** How long an answer is waited for. Neither AbortSignal.timeout nor AbortSignal.any: Node 20 keeps what they leave behind. */
function startPatience(
  what: string,
  { timeoutMs, signal, graceMs }: WebhookOptions,
): { over: AbortSignal; end(): void } {
  const controller = new AbortController();
  const giveUpAfter = (ms: number): NodeJS.Timeout =>
    setTimeout(() => {
      controller.abort(new WebhookError(`${what} did not answer within ${ms} ms`));
    }, ms);
  let timer = giveUpAfter(timeoutMs);
  const hurry = (): void => {
    clearTimeout(timer);
    timer = giveUpAfter(graceMs);
  };
  if (signal.aborted) hurry();
  signal.addEventListener('abort', hurry);
  return {
    over: controller.signal,
    end: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', hurry);
    },
  };
}

/** Shown as nothing, and stays with what it stands between. */
const nothing = '\u2060';

/**
 * Slack reads `<…>` as links and mentions: the reason of a failed run could call everybody (`<!channel>`), and the HTML
 * of a gateway's error would vanish. Mattermost and Discord read `@channel` and Markdown, and show a backslash that Slack
 * would show too: what has a meaning there (`@…`, `](`, doubled marks that hide, strike out or swallow what follows) is
 * taken apart by a character that nobody sees.
 */
function escapeMarkup(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/@(?=\w)|\](?=\()|([`~|])(?=\1)/g, `$&${nothing}`);
}

/** The innermost code: messages of network errors may quote the address. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  if (error.cause instanceof Error) return codeOf(error.cause);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

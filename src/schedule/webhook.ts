/** Posts one alert. @throws WebhookError that says why it did not arrive. */
export type SendAlert = (text: string) => Promise<void>;

/** An alert that did not arrive. The message has no address: whoever knows it can post. */
class WebhookError extends Error {
  override readonly name = 'WebhookError';
}

export interface WebhookOptions {
  readonly url: string;
  readonly fetch: typeof globalThis.fetch;
  readonly timeoutMs: number;
  /** Takes secrets out of the text. */
  readonly redact: (text: string) => string;
}

/** Slack's and its imitators' incoming webhooks: a JSON object with a `text`. */
export function createWebhook({ url, fetch, timeoutMs, redact }: WebhookOptions): SendAlert {
  return async (text) => {
    // Not AbortSignal.timeout: in Node 20 it leaves its timer behind.
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), timeoutMs);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: escapeMarkup(redact(text)) }),
        redirect: 'manual',
        signal: controller.signal,
      });
      await response.body?.cancel();
      if (!response.ok) throw new WebhookError(`the alert webhook answered ${response.status}`);
    } catch (error) {
      if (error instanceof WebhookError) throw error;
      if (controller.signal.aborted)
        throw new WebhookError(`the alert webhook did not answer within ${timeoutMs} ms`);
      throw new WebhookError(`the alert webhook could not be reached (${codeOf(error)})`);
    } finally {
      clearTimeout(timer);
    }
  };
}

/**
 * Slack reads `<…>` as links and mentions: the reason of a failed run could call everybody (`<!channel>`), and the HTML
 * of a gateway's error would vanish.
 */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The innermost code: messages of network errors may quote the address. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  if (error.cause instanceof Error) return codeOf(error.cause);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

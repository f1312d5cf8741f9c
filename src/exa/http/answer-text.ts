/** Text from the outside, made fit for one line of a log, a terminal and a Postgres column. */

/** Takes the API key out of a text, in case the API echoes it. */
export type Redact = (text: string) => string;

const longestMessage = 200;

/** A shorter key is a test's: taking it out would blot out parts of ordinary words. */
const shortestKey = 4;

/** Redacts the key as it is and as it looks inside a URL. */
export function createRedact(apiKey: string): Redact {
  const forms = apiKey.length < shortestKey ? [] : [apiKey, encodeURIComponent(apiKey)];
  return (text) => forms.reduce((clean, form) => clean.replaceAll(form, '[key]'), text);
}

/** One line of at most 200 characters without tags, control characters and lone surrogates; empty when nothing is left. */
export function cleanLine(text: string, redact: Redact): string {
  const line = redact(text)
    // No `<` inside a tag: on a text of nothing but them, each would be searched to the end of the text.
    .replaceAll(/<[^<>]*>/g, ' ')
    .replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  const characters = Array.from(line);
  return characters.length > longestMessage ? `${characters.slice(0, longestMessage).join('')}…` : line;
}

export function looksLikeHtml(text: string): boolean {
  return /^\s*</.test(text);
}

/** What an error answer says; each part is empty when the answer does not say it. */
export interface ErrorBody {
  /** In its own words. */
  readonly words: string;
  /** Its kind, for machines. */
  readonly tag: string;
  readonly requestId: string;
}

/** HTML says nothing: it speaks of a gateway. */
export function readErrorBody(body: string): ErrorBody {
  if (looksLikeHtml(body)) return { words: '', tag: '', requestId: '' };
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    // Not JSON: plain text is a message as well.
    return { words: body, tag: '', requestId: '' };
  }
  const { tag, requestId }: { tag?: unknown; requestId?: unknown } = Object(json);
  return { words: firstText(json) ?? '', tag: asText(tag), requestId: asText(requestId) };
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Levels of lists and objects. Gateways nest two or three; a body of their making must not overflow the stack. */
const deepestMessage = 10;

/** The API sends `message`, `error` or both; a validator sends a list of messages; some gateways nest them. */
function firstText(value: unknown, depth = 0): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  if (typeof value !== 'object' || value === null || depth === deepestMessage) return null;
  const within = (part: unknown): string | null => firstText(part, depth + 1);
  if (Array.isArray(value)) return value.map(within).filter(Boolean).join('; ') || null;
  const { message, error, detail }: { message?: unknown; error?: unknown; detail?: unknown } = value;
  return within(message) ?? within(error) ?? within(detail);
}

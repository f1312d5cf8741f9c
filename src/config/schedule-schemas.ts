/** Schemas of the scheduled service's settings. */
import { z } from 'zod';
import { createCron } from './create-cron.ts';
import { isPlainHttp } from './value-schemas.ts';

/**
 * Five fields, or six with seconds first. Libraries read the rest of what is called cron differently (`L`, `W`, `#`,
 * `?`, nicknames, steps that do not follow a range), so it is refused: what fires here fires alike elsewhere.
 */
export function cronExpression() {
  const expected = 'a cron expression such as */15 * * * * (minute, hour, day of month, month, day of week)';
  return z
    .string()
    .transform((text) => text.trim().replace(/\s+/g, ' '))
    .refine(isCronExpression, expected);
}

const value = String.raw`(?:\d{1,2}|[a-z]{3})`;
const item = String.raw`(?:(?:\*|${value}-${value})(?:/\d{1,2})?|${value})`;
const field = `${item}(?:,${item})*`;
const shape = new RegExp(`^${field}(?: ${field}){4,5}$`, 'i');

function isCronExpression(text: string): boolean {
  if (!shape.test(text)) return false;
  try {
    return createCron(text, 'Etc/UTC').nextRun() !== null;
  } catch {
    return false;
  }
}

/** A name of the IANA time zone database, whose rules say when clocks change. */
export function timezoneName() {
  const expected = 'a time zone such as Etc/UTC or Europe/Berlin';
  return z.string().refine((name) => /^[a-z]/i.test(name) && isTimezone(name), expected);
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Where alerts are posted to; the address itself lets anybody post. Whether it may be plain `http`, other settings say. */
export function webhookUrl() {
  const expected = 'an https:// URL without user and password';
  return z.string().refine(isWebhookUrl, expected);
}

function isWebhookUrl(text: string): boolean {
  if (!URL.canParse(text) || /\s/.test(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || isPlainHttp(text);
}

/** An address or a name to listen on. */
export function listenHost() {
  return z.string().regex(/^[\w.:-]+$/, 'an address such as 127.0.0.1 or 0.0.0.0');
}

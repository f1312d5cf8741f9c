import { parseConnectionUrl } from '../postgres/connection-url.ts';
import { ConnectionSettingError } from '../postgres/errors.ts';
import type { ParameterValues } from '../postgres/parameters.ts';
import { isAccountVariable } from '../config/accounts.ts';
import { settingNames, settings } from '../config/settings.ts';

/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

/** Shorter secrets would blot out parts of ordinary words and numbers without hiding anything. */
const shortestSecret = 4;

/**
 * A redaction of every given secret in the forms in which it can turn up: as it is, percent-encoded, escaped in JSON.
 * The last net: messages are written so that they hold no secret in the first place.
 */
export function createRedact(secrets: readonly string[]): Redact {
  const forms = secrets
    .flatMap((secret) => (secret.length < shortestSecret ? [] : formsOf(secret)))
    // Longer forms first: a form inside another would leave the rest of it standing.
    .toSorted((a, b) => b.length - a.length);
  return (text) => [...new Set(forms)].reduce((result, form) => result.replaceAll(form, '***'), text);
}

/** What must never be shown, from where settings are written down: right values and wrong ones alike. */
export function findSecrets(
  sources: readonly Readonly<Record<string, string | undefined>>[],
): readonly string[] {
  const written = sources.flatMap((source) => [
    ...settingNames.filter((name) => settings[name].secret).map((name) => source[settings[name].variable]),
    ...Object.keys(source)
      .filter(isAccountVariable)
      .map((name) => source[name]),
    // The driver reads it when the URL has no password.
    source['PGPASSWORD'],
  ]);
  const texts = written.map((text) => text?.trim() ?? '');
  const names = new Set(texts.flatMap(publicNamesOf));
  return texts
    .flatMap((text) => (text.includes('://') ? [text, ...passwordsOf(text)] : [text]))
    .map((secret) => (names.has(secret) ? `:${secret}@` : secret));
}

/**
 * What messages print of a database's URL. In `postgres://warehouse:warehouse@host/warehouse` the password is such a name:
 * taken out everywhere, it would garble every message and the data, and hide nothing.
 */
function publicNamesOf(url: string): readonly string[] {
  const values = parseUrl(url);
  if (values === null) return [];
  const { user = '', host = '', dbname = '' } = values;
  return ['postgres', 'postgresql', user, dbname, ...host.split(',')];
}

/** The passwords of a URL, decoded and as written; also of a URL that cannot be parsed. */
function passwordsOf(url: string): readonly string[] {
  const asWritten = [
    /:\/\/[^:@/?#]*:(.*)@/s.exec(url)?.[1] ?? '',
    ...[...url.matchAll(/[?&](?:ssl)?password=([^&]*)/g)].map(([, text = '']) => text),
  ];
  const { password = '', sslpassword = '' } = parseUrl(url) ?? {};
  return [...asWritten, password, sslpassword];
}

function parseUrl(url: string): ParameterValues | null {
  try {
    return parseConnectionUrl(url);
  } catch (error) {
    if (error instanceof ConnectionSettingError) return null;
    throw error;
  }
}

function formsOf(secret: string): readonly string[] {
  return [secret, encodeURIComponent(secret), encodeURI(secret), JSON.stringify(secret).slice(1, -1)];
}

import { ExactNumber } from '../../sync/exact-number.ts';
import type { JsonObject, JsonValue } from '../../sync/model.ts';

/** Text that stands in JSON as it is. */
const plainText = /^[ !#-[\]-\uFFFF]*$/;
const plainKey = /^[ !#-[\]-~]*$/;

/**
 * A value as Postgres prints the `jsonb` made of it. Null where that is not certain: then two values have to be compared
 * by Postgres.
 */
export function jsonbText(value: JsonValue): string | null {
  if (typeof value === 'string') return plainText.test(value) ? `"${value}"` : JSON.stringify(value);
  if (typeof value === 'number') return numberText(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof ExactNumber) return null;
  return isList(value) ? listText(value) : objectText(value);
}

/** Postgres writes out what JavaScript abbreviates with an exponent. */
function numberText(value: number): string | null {
  const text = String(value);
  return text.includes('e') ? null : text;
}

// Joined by hand: every monitor of every listing comes through here, and arrays to be joined take twice the time.
function listText(values: readonly JsonValue[]): string | null {
  let items = '';
  for (const value of values) {
    const text = jsonbText(value);
    if (text === null) return null;
    items += items === '' ? text : `, ${text}`;
  }
  return `[${items}]`;
}

/** Postgres keeps keys by their length in bytes and then byte by byte, which for ASCII is the order of JavaScript. */
function objectText(value: JsonObject): string | null {
  const keys = Object.keys(value);
  if (keys.length > 1) keys.sort(byLength);
  let members = '';
  for (const key of keys) {
    const member = value[key];
    const text = member === undefined || !plainKey.test(key) ? null : jsonbText(member);
    if (text === null) return null;
    members += `${members === '' ? '' : ', '}"${key}": ${text}`;
  }
  return `{${members}}`;
}

function byLength(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}

function isList(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}

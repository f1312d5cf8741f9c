import { ExactNumber, exactNumberOf } from '../../sync/exact-number.ts';
import type { JsonObject, JsonValue } from '../../sync/model.ts';

/** What stands in a payload for everything below the deepest level that is kept. */
export const tooDeepMark = '(nested too deep)';

/** Levels of nesting. Nothing of Exa's comes near; Postgres and every reader recurse over what is stored. */
const deepest = 100;

/** NUL (SQLSTATE 22021) and lone surrogates (22P02): valid in a JSON string, refused by Postgres in `text` and `jsonb`. */
// oxlint-disable-next-line no-control-regex -- NUL is what it is about
const suspiciousText = /[\0\uD800-\uDFFF]/;
// oxlint-disable-next-line no-control-regex -- NUL is what it is about
const everyRefusedText = /[\0\p{Cs}]/gu;

/** Whether Postgres takes this text as it is. */
export function isStorableText(text: string): boolean {
  // The first test knows no pairs, which makes it several times as fast on the text that is nearly always there.
  return !suspiciousText.test(text) || text.search(everyRefusedText) === -1;
}

/** Replaces each NUL and each lone surrogate by U+FFFD. */
export function toStorableText(text: string): string {
  return text.replaceAll(everyRefusedText, '\uFFFD');
}

/** Whether Postgres takes this parsed JSON as it is, keys included. */
export function isStorable(value: unknown, depth = 0): value is JsonValue {
  if (typeof value === 'string') return isStorableText(value);
  if (typeof value !== 'object') return value !== undefined && value !== Infinity && value !== -Infinity;
  if (value === null) return true;
  if (depth === deepest) return false;
  if (Array.isArray(value)) return value.every((item) => isStorable(item, depth + 1));
  for (const key of Object.keys(value)) {
    if (!isStorableText(key) || !isStorable(Reflect.get(value, key), depth + 1)) return false;
  }
  return true;
}

/**
 * A copy that Postgres takes: refused text replaced in strings and keys, nesting cut off with a mark, numbers that
 * overflowed in JSON (`1e999`) made null, and marked numbers kept digit for digit.
 */
export function toStorable(value: unknown, depth = 0): JsonValue {
  if (typeof value === 'string') return exactNumberOf(value) ?? toStorableText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'object' || value === null) return null;
  if (depth === deepest) return tooDeepMark;
  if (Array.isArray(value)) return value.map((item) => toStorable(item, depth + 1));
  // fromEntries defines properties: assigning the key `__proto__` would lose it.
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [toStorableText(key), toStorable(item, depth + 1)]),
  );
}

/** Whether `toStorable` has to cut nesting off. */
export function isTooDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === deepest) return true;
  return Object.values(value).some((item) => isTooDeep(item, depth + 1));
}

export function isJsonObject(value: JsonValue): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
  );
}

/** The fields of a record other than those named; null when there are none. */
export function otherFields(record: JsonObject, known: ReadonlySet<string>): JsonObject | null {
  let others: [string, JsonValue][] | null = null;
  for (const key of Object.keys(record)) {
    const value = record[key];
    if (!known.has(key) && value !== undefined) (others ??= []).push([key, value]);
  }
  return others === null ? null : Object.fromEntries(others);
}

/** What the fast readers of runs and monitors take as it is; anything else is left to the schemas. */
import { isPlainInstant } from './parse-instant.ts';
import { isStorableText } from './storable-json.ts';

/** However many bytes its characters take, such an id is not too long. */
const surelyShortId = 125;
const longestWord = 100;

export function isPlainId(value: unknown): value is string {
  return isPlainText(value) && value.length <= surelyShortId && value !== '';
}

export function isPlainWord(value: unknown): value is string {
  return isPlainText(value) && value.length <= longestWord;
}

export function isPlainText(value: unknown): value is string {
  return typeof value === 'string' && isStorableText(value);
}

export function isPlainTime(value: unknown): value is string {
  return typeof value === 'string' && isPlainInstant(value);
}

export function isPlainTimeOrNull(value: unknown): value is string | null {
  return value === null || isPlainTime(value);
}

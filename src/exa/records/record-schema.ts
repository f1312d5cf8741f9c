import { z } from 'zod';
import { ExactNumber } from '../../sync/exact-number.ts';
import type { JsonObject } from '../../sync/model.ts';
import { parseInstant } from './parse-instant.ts';
import { toStorableText } from './storable-json.ts';

/**
 * A B-tree entry of Postgres holds 2,704 bytes at most, and the widest key is two ids: 500 bytes each leave room. Longer
 * ones would fail the whole page.
 */
const longestIdBytes = 500;
const longestWord = 100;

export const idSchema = z
  .string()
  .min(1, 'is empty')
  .refine((id) => Buffer.byteLength(id) <= longestIdBytes, `is longer than ${longestIdBytes} bytes`);

/** A status or a type: an open set, but still a word. */
export const wordSchema = z.string().max(longestWord, `is longer than ${longestWord} characters`);

/** A check and not a transform: zod's transforms would double the time that a page takes. */
export const instantSchema = z.string().check((text) => {
  const instant = parseInstant(text.value);
  if (instant !== null) text.value = instant;
  else text.issues.push({ code: 'custom', input: text.value, message: problemOfInstant(text.value) });
});

/** Null as well when the field is missing. */
export const nullableInstantSchema = instantSchema.nullable().default(null);

/** A text that may be long. */
export const textSchema = z.string();

/** Null as well when the field is missing. */
export const nullableTextSchema = textSchema.nullable().default(null);

export const objectSchema = z.custom<JsonObject>(
  (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber),
);

/** Null as well when the field is missing. */
export const nullableObjectSchema = objectSchema.nullable().default(null);

/** All that is wrong with a record, in one line that names the fields. */
export function problemsOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}

function problemOfInstant(text: string): string {
  return `"${oneLine(text)}" is not a date-time that can be stored`;
}

const longestQuote = 60;

/** A value as a reason quotes it: shortened, and without what would break the line. */
export function oneLine(text: string): string {
  const quoted = text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text;
  return toStorableText(quoted).replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');
}

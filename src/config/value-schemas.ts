/** Schemas of setting values. Each reads the text that a person wrote; its error message is what would be right. */
import { z } from 'zod';
import { parseConnectionUrl } from '../postgres/connection-url.ts';
import { ConnectionSettingError } from '../postgres/errors.ts';

export function wholeNumber(least: number, most: number) {
  const expected = `a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, expected)
    .transform(Number)
    .pipe(z.number().min(least, expected).max(most, expected));
}

export function decimalNumber(least: number, most: number) {
  const expected = `a number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,15}(\.\d{1,15})?$/, expected)
    .transform(Number)
    .pipe(z.number().min(least, expected).max(most, expected));
}

export function oneOf<const Word extends string>(words: readonly Word[]) {
  return z.enum(words, `one of ${words.join(', ')}`);
}

export function directory() {
  return z.string().regex(/^[^\0]+$/, 'a directory');
}

/** A secret that travels in an HTTP header, where anything but visible ASCII breaks the request. */
export function headerSecret() {
  return z.string().regex(/^[\x21-\x7e]+$/, 'visible ASCII characters without spaces');
}

export function databaseUrl() {
  return z.string().superRefine((url, context) => {
    try {
      parseConnectionUrl(url);
    } catch (error) {
      if (!(error instanceof ConnectionSettingError)) throw error;
      context.addIssue({ code: 'custom', message: error.expected });
    }
  });
}

export function password() {
  return z.string().regex(/^[^\p{Cc}]+$/u, 'a password without control characters');
}

/** A schema's name as Postgres takes it in double quotes: at most 63 bytes, `pg_` is reserved. */
export function schemaName() {
  const expected = 'a schema name of at most 63 bytes that does not start with pg_';
  return z
    .string()
    .regex(/^[^\p{Cc}]+$/u, expected)
    .refine((name) => Buffer.byteLength(name) <= 63 && !/^(pg_|information_schema$)/i.test(name), expected);
}

/** The APIs that have monitors. */
export const exaApis = ['websets', 'search'] as const;
export type ExaApi = (typeof exaApis)[number];

/** Names of APIs, separated by commas. */
export function apiNames() {
  const expected = `one or more of ${exaApis.join(', ')}, separated by commas`;
  return z
    .string()
    .transform((text) => text.split(',').map((name) => name.trim().toLowerCase()))
    .pipe(z.array(z.enum(exaApis, expected)))
    .transform((names): readonly ExaApi[] => [...new Set(names)]);
}

/** The root of an API that gets the key with every request. Whether it may be plain `http`, other settings say. */
export function apiUrl() {
  const expected = 'an https:// URL without credentials, query or fragment';
  return z
    .string()
    .refine(isApiUrl, expected)
    .transform((text) => text.replace(/\/+$/, ''));
}

function isApiUrl(text: string): boolean {
  if (!URL.canParse(text) || /[?#\s]/.test(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || isPlainHttp(text);
}

export function isPlainHttp(url: string): boolean {
  return new URL(url).protocol === 'http:';
}

/** Names or addresses of hosts, separated by commas, as they stand in URLs. */
export function hostNames() {
  const expected = 'names of hosts, separated by commas, without ports';
  return z
    .string()
    .transform((text) => text.split(',').map((name) => name.trim().toLowerCase()))
    .transform((names) => names.filter((name) => name !== ''))
    .pipe(z.array(z.string().regex(/^([\w.-]+|\[[\da-f:]+\])$/, expected)))
    .transform((names): readonly string[] => names);
}

/** `hostname` as the URL parser leaves it: IPv4 addresses in four decimal parts, IPv6 in brackets. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

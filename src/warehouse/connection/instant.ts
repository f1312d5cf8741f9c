/**
 * An instant as Postgres prints a `timestamptz` in a UTC session (`2026-01-02 03:04:05.123456+00`), as RFC 3339.
 */
export function instantOf(printed: string): string;
export function instantOf(printed: string | null): string | null;
export function instantOf(printed: string | null): string | null {
  return printed === null ? null : printed.replace(' ', 'T').replace(/\+00$/, 'Z');
}

const utcOffset = '+00:00';

/** The same for an instant as Postgres writes it into JSON (`2026-01-02T03:04:05.123456+00:00`). */
export function instantOfJson(written: string): string;
export function instantOfJson(written: string | null): string | null;
export function instantOfJson(written: string | null): string | null {
  return written?.endsWith(utcOffset) ? `${written.slice(0, -utcOffset.length)}Z` : written;
}

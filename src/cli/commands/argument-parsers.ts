/** Readers of what is written after a flag. Each throws InvalidArgumentError, which says what would be right. */
import { InvalidArgumentError } from 'commander';
import { z } from 'zod';

export function parseId(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Expected an id.');
  return text.trim();
}

/** For a flag that may be given several times. */
export function collectIds(text: string, others: readonly string[] = []): readonly string[] {
  return [...others, parseId(text)];
}

export function wholeNumberFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d{1,15}$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}

const dateSchema = z.iso.date();
const instantSchema = z.iso.datetime({ offset: true });

/** A day (its start in UTC) or an RFC 3339 instant, as an RFC 3339 instant. @throws InvalidArgumentError */
export function parseInstant(text: string): string {
  if (dateSchema.safeParse(text).success) return `${text}T00:00:00.000Z`;
  if (instantSchema.safeParse(text).success) return new Date(text).toISOString();
  throw new InvalidArgumentError(
    'Expected a day such as 2026-01-31 or an instant such as 2026-01-31T08:00:00Z.',
  );
}

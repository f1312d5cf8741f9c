import { InvalidArgumentError } from 'commander';
import { z } from 'zod';

const dateSchema = z.iso.date();
const instantSchema = z.iso.datetime({ offset: true });

/** A day (its start in UTC) or an RFC 3339 instant, as an RFC 3339 instant. @throws InvalidArgumentError */
export function parseSince(text: string): string {
  if (dateSchema.safeParse(text).success) return `${text}T00:00:00.000Z`;
  if (instantSchema.safeParse(text).success) return new Date(text).toISOString();
  throw new InvalidArgumentError(
    'Expected a day such as 2026-01-31 or an instant such as 2026-01-31T08:00:00Z.',
  );
}

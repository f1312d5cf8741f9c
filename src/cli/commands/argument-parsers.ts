/** Readers of what is written after a flag. Each throws InvalidArgumentError, which says what would be right. */
import { InvalidArgumentError } from 'commander';

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

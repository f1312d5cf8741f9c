import { between } from './random.ts';
import type { Random } from './random.ts';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** A ULID in lower case: ten characters that are the instant in milliseconds, and sixteen of chance. */
export function createUlid(atMs: number, random: Random): string {
  let time = '';
  for (let rest = Math.floor(atMs); time.length < 10; rest = Math.floor(rest / 32)) {
    time = `${alphabet.charAt(rest % 32)}${time}`;
  }
  const chance = Array.from({ length: 16 }, () => alphabet.charAt(between(random, 0, 31)));
  return `${time}${chance.join('')}`;
}

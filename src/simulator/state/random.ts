/** A stream of numbers in [0, 1). The same seed gives the same stream on every machine. */
export type Random = () => number;

/** Mulberry32: 32 bits of state, enough for made-up data, and cheap enough to start one stream per run. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Mixes integers into one seed, so that neighbouring indexes start unrelated streams. */
export function mixSeed(...parts: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    hash = Math.imul(hash ^ (part | 0), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

/** FNV-1a, as eight hexadecimal digits. */
export function textDigest(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz012345';
const letterPairs = Array.from(
  { length: 1024 },
  (_, index) => `${alphabet.charAt(index >>> 5)}${alphabet.charAt(index & 31)}`,
);

/** Letters and digits that look random: `words` × 6 characters. */
export function randomLetters(random: Random, words = 4): string {
  let letters = '';
  for (let word = 0; word < words; word += 1) {
    const bits = Math.floor(random() * 1_073_741_824);
    letters += `${letterPairs[bits & 1023]}${letterPairs[(bits >>> 10) & 1023]}${letterPairs[bits >>> 20]}`;
  }
  return letters;
}

export function pick<T>(random: Random, choices: readonly [T, ...T[]]): T {
  return choices[Math.floor(random() * choices.length)] ?? choices[0];
}

/** An integer from `low` to `high`, both included. */
export function between(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** Log-normal: most values near the median, a few many times larger. `spread` is the standard deviation of the logarithm. */
export function logNormal(random: Random, median: number, spread: number): number {
  const gaussian = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(spread * gaussian);
}

/** A stable fraction in [0, 1) of a text (FNV-1a): spreads and chooses without storing anything. */
export function hashFraction(value: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < value.length; index += 1) {
    hash = Math.imul(hash ^ value.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) / 2 ** 32;
}

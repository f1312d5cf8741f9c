/** Cycles in a row that have to fail at a stored cursor before it is first given up. */
const patience = 4;

/**
 * Whether a stored cursor that led nowhere is forgotten, so that the next walk starts at the top: an API may answer a
 * cursor of long ago with something else than a refusal, in every cycle. At growing distances (the 4th, 8th, 16th …
 * failure in a row): when it is not the cursor that is to blame, each start from the top costs requests in vain.
 */
export function isGivenUp(failuresInARow: number): boolean {
  return failuresInARow >= patience && Number.isInteger(Math.log2(failuresInARow));
}

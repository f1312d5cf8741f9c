const firstMs = 60_000;
const longestMs = 3_600_000;

/**
 * How long after the end of a failed cycle no firing starts another one, by how many have failed in a row. A schedule of
 * several minutes is not slowed down by the first failures; one of seconds does not hammer the API with a wrong key; and
 * an hour after the cause is gone everything works again.
 */
export function backoffMs(failedInARow: number): number {
  if (failedInARow <= 0) return 0;
  return Math.min(longestMs, firstMs * 2 ** Math.min(failedInARow - 1, 30));
}

/** Whether an error carries one of these codes (`ENOENT`, an SQLSTATE, a code of postgres.js). */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
  );
}

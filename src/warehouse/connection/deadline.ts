/** The code of the error when the database did not answer in time. */
export const noAnswer = 'NO_ANSWER';

/** A frozen server or network says nothing, for as long as one waits. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly code = noAnswer;

  constructor(waitedMs: number) {
    super(`the database did not answer for ${waitedMs / 1000} s`);
  }
}

/**
 * Waits for work at most so long; then `giveUp` is called, which has to make the work end.
 * @throws NoAnswerError
 */
export async function withDeadline<T>(
  work: Promise<T>,
  timeoutMs: number | null,
  giveUp: () => void,
): Promise<T> {
  if (timeoutMs === null) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new NoAnswerError(timeoutMs));
      giveUp();
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

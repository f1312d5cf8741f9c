import { SkipMonitorError } from '../sync/errors.ts';

/** The API answers this one question with a status that no retry changes (400, 404, other 4xx, a redirect). */
export class AnswerRefusedError extends SkipMonitorError {
  override readonly name = 'AnswerRefusedError';
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

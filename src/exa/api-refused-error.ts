import { StopCycleError } from '../sync/errors.ts';

/** The API refuses the key itself (401, 402, 403): every further request would be refused as well. */
export class ApiRefusedError extends StopCycleError {
  override readonly name = 'ApiRefusedError';
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

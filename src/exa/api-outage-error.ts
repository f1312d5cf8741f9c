import { StopCycleError } from '../sync/errors.ts';

/** The API is down, or asks for a longer pause than a cycle waits: the next cycle goes on from the checkpoints. */
export class ApiOutageError extends StopCycleError {
  override readonly name = 'ApiOutageError';
}

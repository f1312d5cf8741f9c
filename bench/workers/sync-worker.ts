import { openProduct } from '../product.ts';
import { serveMeasured } from './measure.ts';

export interface SyncOptions {
  readonly databaseUrl: string;
  readonly apiUrl: string;
  readonly concurrency: number;
  readonly requestsPerSecond: number;
  readonly full: boolean;
  /** Milliseconds since the epoch at which the account stands still; null: it follows the system's clock. */
  readonly accountClockMs: number | null;
  /** Note the time whenever so many more rows are stored. */
  readonly stepRows: number;
}

/** One cycle of the product. */
serveMeasured<SyncOptions>(process, async (options) => {
  const { accountClockMs } = options;
  const clock = { now: () => accountClockMs ?? Date.now() };
  const product = await openProduct({ ...options, clock });
  return async () => {
    const steps: number[] = [];
    let rows = 0;
    await product.cycle({
      full: options.full,
      observe(event) {
        if (event.type !== 'answer-saved') return;
        rows += event.inserted;
        if (rows >= (steps.length + 1) * options.stepRows) steps.push(Date.now());
      },
    });
    await product.close();
    return steps;
  };
});

import postgres from 'postgres';
import { expect, test } from 'vitest';
import { retryDeadlocks } from '../../src/warehouse/connection/retry-deadlocks.ts';

function postgresError(code: string): Error {
  return Object.assign(new postgres.PostgresError(code), { code });
}

/** A transaction that fails so many times and then succeeds; counts its attempts. */
function failing(times: number, error: Error) {
  const transaction = { attempts: 0, run: () => Promise.resolve('done') };
  transaction.run = () => {
    transaction.attempts += 1;
    return transaction.attempts > times ? Promise.resolve('done') : Promise.reject(error);
  };
  return transaction;
}

test.each(['40P01', '40001'])(
  'a transaction that lost a race (%s) is done again, five times at most',
  async (code) => {
    const error = postgresError(code);
    const lucky = failing(4, error);
    expect(await retryDeadlocks(lucky.run)).toBe('done');
    expect(lucky.attempts).toBe(5);

    const unlucky = failing(5, error);
    await expect(retryDeadlocks(unlucky.run)).rejects.toBe(error);
    expect(unlucky.attempts).toBe(5);
  },
);

test('a transaction with an error of its own is not done again', async () => {
  for (const error of [postgresError('23505'), new Error('40P01')]) {
    const transaction = failing(1, error);
    await expect(retryDeadlocks(transaction.run)).rejects.toBe(error);
    expect(transaction.attempts).toBe(1);
  }
});

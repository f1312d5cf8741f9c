import postgres from 'postgres';

const attempts = 5;

/** Deadlock and serialization failure: the server has rolled the transaction back, and nothing is wrong with it. */
const lostRaces: ReadonlySet<string> = new Set(['40P01', '40001']);

/**
 * Does a transaction again that lost a race for rows: pages of two monitors that list the same run take its row in
 * different orders, and whoever else works in the database takes locks as well. The winner goes on meanwhile, so
 * there is nothing to wait for.
 */
export async function retryDeadlocks<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transaction();
    } catch (error) {
      const lost = error instanceof postgres.PostgresError && lostRaces.has(error.code);
      if (!lost || attempt === attempts) throw error;
    }
  }
}

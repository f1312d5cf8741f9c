import { expect, test } from 'vitest';
import { openDatabase } from '../../src/warehouse/connection/database.ts';

test('an address without a route is a failure like any other, and ends no process', async () => {
  const database = openDatabase({
    // The broadcast address, which nobody can connect to.
    url: 'postgres://somebody@255.255.255.255:5432/warehouse',
    schema: null,
    maxConnections: 1,
    connectTimeoutMs: 2000,
  });
  await expect(database.transaction(() => Promise.resolve())).rejects.toThrow(/ENETUNREACH|EACCES/);
});

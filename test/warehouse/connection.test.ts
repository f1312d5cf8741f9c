import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/warehouse/connection/database.ts';
import { listenAndAnswer } from '../cli/broken-database.ts';

test('where something else than Postgres closes every connection, the attempt ends and says so', async () => {
  const port = await listenAndAnswer(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const database = openDatabase({
    url: `postgres://someone@127.0.0.1:${port}/warehouse`,
    schema: null,
    maxConnections: 1,
    connectTimeoutMs: 200,
  });
  onTestFinished(() => database.close());
  await expect(database.transaction(() => Promise.resolve())).rejects.toMatchObject({ code: 'NOT_POSTGRES' });
});

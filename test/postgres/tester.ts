/** The user that tests, and the commands that they start, connect to an embedded server as. */
import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import type { EmbeddedPostgres } from '../../src/embedded/use-embedded-postgres.ts';

/**
 * Makes a superuser that connects by the port, as a user of `DATABASE_URL` does. The server's own is for the program itself,
 * by its socket.
 * @returns a URL of the warehouse.
 */
export async function createTester(server: EmbeddedPostgres): Promise<string> {
  const password = randomBytes(24).toString('base64url');
  const { socketDirectory } = server;
  const sql = postgres(server.url, {
    max: 1,
    ...(socketDirectory === null ? {} : { host: socketDirectory }),
  });
  try {
    const known = await sql`select from pg_roles where rolname = 'exa_tests'`;
    const verb = known.length === 0 ? 'create' : 'alter';
    await sql.unsafe(`${verb} role exa_tests superuser login password '${password}'`);
  } finally {
    await sql.end();
  }
  const url = new URL(server.url);
  url.username = 'exa_tests';
  url.password = password;
  return url.href;
}

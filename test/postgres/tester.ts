/** The users that tests, and the commands that they start, connect to an embedded server as. */
import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import type { EmbeddedPostgres } from '../../src/embedded/use-embedded-postgres.ts';

/** What the driver takes for the URL of the program itself: it would read the directory of a socket as the name of a host. */
export function ownerOptions(url: string) {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: decodeURIComponent(hostname),
    port: Number(port),
    user: username,
    password,
    database: pathname.slice(1),
    max: 1,
    // The driver's own question for types is awaited by nobody: with a server that is killed it would fail unhandled.
    fetch_types: false,
    onnotice: () => undefined,
  };
}

/**
 * Makes a superuser that connects by the port, as a user of `DATABASE_URL` does. The server's own is for the program itself,
 * by its socket.
 * @returns a URL of the warehouse.
 */
export async function createTester(server: Pick<EmbeddedPostgres, 'url' | 'port'>): Promise<string> {
  const password = randomBytes(24).toString('base64url');
  const sql = postgres(ownerOptions(server.url));
  try {
    const known = await sql`select from pg_roles where rolname = 'exa_tests'`;
    const verb = known.length === 0 ? 'create' : 'alter';
    await sql.unsafe(`${verb} role exa_tests superuser login password '${password}'`);
  } finally {
    await sql.end();
  }
  return `postgres://exa_tests:${password}@127.0.0.1:${server.port}/warehouse`;
}

import { PostgreSqlContainer } from '@testcontainers/postgresql';
import { getContainerRuntimeClient } from 'testcontainers';
import type { TestServer } from './test-server.ts';

const image = 'postgres:18-alpine';
/** Whether a Docker engine can be reached; without one it takes about half a second to tell. */
export async function dockerAnswers(): Promise<boolean> {
  try {
    await getContainerRuntimeClient();
    return true;
  } catch {
    return false;
  }
}

export async function startDockerServer(): Promise<TestServer> {
  const container = await new PostgreSqlContainer(image)
    .withCommand([
      'postgres',
      ...['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'].flatMap((setting) => [
        '-c',
        setting,
      ]),
    ])
    // The library's own look has a second: on a busy machine starting psql in a container takes longer, each time.
    .withHealthCheck({
      test: ['CMD', 'pg_isready', '--host=127.0.0.1'],
      interval: 250,
      timeout: 30_000,
      retries: 1000,
    })
    .start();
  return {
    description: `${image} in Docker`,
    adminUrl: container.getConnectionUri(),
    stop: async (keepData) => {
      if (keepData) {
        process.stderr.write('Their container goes with this run: set TEST_DATABASE_URL to keep them.\n');
      }
      await container.stop();
    },
  };
}

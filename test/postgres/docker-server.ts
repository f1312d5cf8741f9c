import { request } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PostgreSqlContainer } from '@testcontainers/postgresql';
import type { TestServer } from './test-server.ts';

const image = 'postgres:18-alpine';
const pingTimeoutMs = 500;

/** Asks the Docker engine whether it is there; waits at most a second. */
export async function dockerAnswers(dockerHost: string | undefined): Promise<boolean> {
  const addresses =
    dockerHost === undefined
      ? ['/var/run/docker.sock', join(homedir(), '.docker/run/docker.sock')].map((path) => `unix://${path}`)
      : [dockerHost];
  const answers = await Promise.all(addresses.map(async (address) => await ping(address)));
  return answers.includes(true);
}

async function ping(address: string): Promise<boolean> {
  const { protocol, hostname, port, pathname } = new URL(address);
  const where =
    protocol === 'unix:' ? { socketPath: pathname } : { host: hostname, port: port === '' ? 2375 : port };
  return await new Promise<boolean>((resolve) => {
    const ask = request({ ...where, path: '/_ping', timeout: pingTimeoutMs }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ask.on('timeout', () => ask.destroy());
    ask.on('error', () => resolve(false));
    ask.end();
  });
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

import { createHash } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findPostgresBinaries, programPath } from '../../src/embedded/place/postgres-binaries.ts';
import { processExists } from '../../src/embedded/process-exists.ts';
import { useEmbeddedPostgres } from '../../src/embedded/use-embedded-postgres.ts';
import { removeDataDirectory } from '../embedded/data-directory.ts';
import { makeReachableDirectory, reachableParent } from '../embedded/reachable-directory.ts';
import type { TestServer } from './test-server.ts';
import { createTester } from './tester.ts';

/** One of this checkout's directories, followed by the id of the process that made it. */
const prefix = `exa-monitor-sync-test-${createHash('sha256')
  .update(import.meta.url)
  .digest('hex')
  .slice(0, 8)}-`;
const keptMark = 'kept';

/** Starts the product's own embedded Postgres, with data that only this run uses. */
export async function startEmbeddedServer(): Promise<TestServer> {
  await removeLeftOvers();
  const directory = await makeReachableDirectory(`${prefix}${process.pid}-`);
  const server = await useEmbeddedPostgres({ dataDirectory: directory, port: 0, durable: false });
  const binaries = await findPostgresBinaries();
  return {
    description: `embedded Postgres ${binaries.version.split('-')[0]} on port ${server.port}`,
    adminUrl: await createTester(server),
    stop: async (keepData) => {
      await server.release();
      if (keepData) {
        await writeFile(join(directory, keptMark), '');
        process.stderr.write(
          `Serve them again with (as their owner, not as root): ${programPath(binaries, 'postgres')} -D ${join(server.directory, 'cluster', 'data')} -p ${server.port} -k ''\n`,
        );
        return;
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What a test run left that was killed before it could clean up. */
async function removeLeftOvers(): Promise<void> {
  const parent = await reachableParent();
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue;
    const directory = join(parent, name);
    if (processExists(Number.parseInt(name.slice(prefix.length), 10))) continue;
    if ((await readdir(directory)).includes(keptMark)) continue;
    await removeDataDirectory(directory);
  }
}

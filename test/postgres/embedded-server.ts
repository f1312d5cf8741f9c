import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostgresBinaries, programPath } from '../../src/embedded/place/postgres-binaries.ts';
import { isPostmaster, readPostmasterFile } from '../../src/embedded/server/postmaster.ts';
import { processExists } from '../../src/embedded/process-exists.ts';
import { useEmbeddedPostgres } from '../../src/embedded/use-embedded-postgres.ts';
import type { TestServer } from './test-server.ts';

/** One of this checkout's directories, followed by the id of the process that made it. */
const prefix = `exa-monitor-sync-test-${createHash('sha256')
  .update(import.meta.url)
  .digest('hex')
  .slice(0, 8)}-`;
const keptMark = 'kept';

/** Starts the product's own embedded Postgres, with data that only this run uses. */
export async function startEmbeddedServer(): Promise<TestServer> {
  await removeLeftOvers();
  const directory = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  // When root runs the tests, the server runs as somebody else.
  await chmod(directory, 0o755);
  const server = await useEmbeddedPostgres({ dataDirectory: directory, port: 0, durable: false });
  const binaries = await findPostgresBinaries();
  return {
    description: `embedded Postgres ${binaries.version.split('-')[0]} on port ${server.port}`,
    adminUrl: server.url,
    stop: async (keepData) => {
      await server.release();
      if (keepData) {
        await writeFile(join(directory, keptMark), '');
        process.stderr.write(
          `Serve them again with (as their owner, not as root): ${programPath(binaries, 'postgres')} -D ${join(server.directory, 'cluster', 'data')} -p ${server.port} -k ''\n`,
        );
        return;
      }
      await rm(server.directory, { recursive: true, force: true });
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What a test run left that was killed before it could clean up. */
async function removeLeftOvers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const directory = join(tmpdir(), name);
    if (processExists(Number.parseInt(name.slice(prefix.length), 10))) continue;
    if ((await readdir(directory)).includes(keptMark)) continue;
    const data = join(directory, 'cluster', 'data');
    const running = await readPostmasterFile(data);
    if (running !== null && (await isPostmaster(running.pid, data))) process.kill(running.pid, 'SIGQUIT');
    await rm(directory, { recursive: true, force: true, maxRetries: 10 });
  }
}

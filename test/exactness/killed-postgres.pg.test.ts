import postgres from 'postgres';
import { expect, onTestFinished, test } from 'vitest';
import { useEmbeddedPostgres, type EmbeddedPostgres } from '../../src/embedded/use-embedded-postgres.ts';
import {
  createDataDirectory,
  filesIn,
  removeDataDirectory,
  signalServer,
} from '../embedded/data-directory.ts';
import { migrateTemplate } from '../postgres/migrate-template.ts';
import { createTester } from '../postgres/tester.ts';
import { createSmallAccount } from './small-account.ts';
import { useSyncKit, type SyncKit } from './sync-kit.ts';
import { expectTruth } from './truth.ts';

/** A server that only this test uses, durable like a real one. */
async function startOwnServer(): Promise<{
  server: EmbeddedPostgres;
  url: string;
  start: (port: number) => Promise<EmbeddedPostgres>;
}> {
  const directory = await createDataDirectory();
  const started: EmbeddedPostgres[] = [];
  const start = async (port: number): Promise<EmbeddedPostgres> => {
    const server = await useEmbeddedPostgres({ dataDirectory: directory, port });
    started.push(server);
    return server;
  };
  onTestFinished(async () => {
    for (const server of started) await server.release();
    await removeDataDirectory(directory);
  });
  const server = await start(0);
  const url = await createTester(server);
  await migrateTemplate(url);
  return { server, url, start };
}

/** The whole server, as the kernel does when memory runs out. */
async function killServer(server: EmbeddedPostgres): Promise<void> {
  await signalServer(filesIn(server.directory), 'SIGKILL');
}

async function createKit(url: string): Promise<SyncKit> {
  const sql = postgres(url, { max: 2, onnotice: () => undefined });
  onTestFinished(() => sql.end({ timeout: 1 }));
  return useSyncKit({
    account: (clock) => createSmallAccount(clock, { monitors: 3, runs: 12 }),
    pageSize: 3,
    database: { url, name: 'exa', sql, drop: () => Promise.resolve() },
  });
}

test(
  'Postgres killed in mid-cycle ends it with a clear error, and the next cycle is exact',
  { timeout: 120_000 },
  async () => {
    const { server, url, start } = await startOwnServer();
    const kit = await createKit(url);
    let killed: Promise<void> | undefined;
    const cycle = await kit.cycle({
      concurrency: 1,
      wrapSource: (source) => ({
        ...source,
        listRuns: async (monitorId, cursor) => {
          const page = await source.listRuns(monitorId, cursor);
          if (monitorId === 'm2') await (killed ??= killServer(server));
          return page;
        },
      }),
    });
    await killed;
    expect(cycle.outcome.status).toBe('failed');
    expect(cycle.failure?.message).toMatch(
      /ECONNREFUSED|CONNECTION_CLOSED|ECONNRESET|EPIPE|lock was lost|terminat|was restarted/,
    );
    expect(cycle.failure?.message).not.toContain('insert into');

    await start(server.port);
    const next = await kit.cycle();
    expect(next.outcome.status).toBe('succeeded');
    await expectTruth(kit.testDatabase.sql, kit.account);
    const cycles = await kit.testDatabase.sql`select status from sync_cycles order by id`;
    expect(cycles.map(({ status }) => String(status))).toEqual(['interrupted', 'succeeded']);
  },
);

test(
  'Postgres killed and restarted while the cycle runs costs that cycle, not a row',
  { timeout: 120_000 },
  async () => {
    const { server, url, start } = await startOwnServer();
    const kit = await createKit(url);
    let restarted = false;
    const cycle = await kit.cycle({
      concurrency: 2,
      wrapSource: (source) => ({
        ...source,
        listRuns: async (monitorId, cursor) => {
          if (monitorId === 'm2' && cursor !== null && !restarted) {
            restarted = true;
            await killServer(server);
            await start(server.port);
          }
          return source.listRuns(monitorId, cursor);
        },
      }),
    });
    expect(cycle.outcome.status).toBe('failed');
    expect(cycle.failure?.message).toMatch(
      /lock was lost|CONNECTION_CLOSED|ECONNREFUSED|ECONNRESET|EPIPE|starting up|recovery|terminat|was restarted/,
    );

    expect((await kit.cycle()).outcome.status).toBe('succeeded');
    await expectTruth(kit.testDatabase.sql, kit.account);
    expect(await kit.testDatabase.sql`select from sync_cycles where status = 'running'`).toHaveLength(0);
  },
);

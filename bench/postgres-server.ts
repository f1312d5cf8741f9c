import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import postgres from 'postgres';
import { useEmbeddedPostgres } from '../src/embedded/use-embedded-postgres.ts';
import { openDatabase } from '../src/warehouse/connection/database.ts';
import { migrateWarehouse } from '../src/warehouse/upkeep/migrate.ts';
import { readMigrations } from '../src/warehouse/upkeep/migration-files.ts';
import { createTester } from '../test/postgres/tester.ts';

/** The server of one execution and the databases on it. */
export interface PostgresServer {
  /** As it names itself. */
  readonly version: string;
  /** A new database with the warehouse's empty tables; after a checkpoint, so that nobody pays for what was before. */
  createDatabase(): Promise<BenchDatabase>;
  /** What the server says of a database, asked without a transaction in that database. */
  readActivity(database: BenchDatabase): Promise<Activity>;
  stop(): Promise<void>;
}

export interface BenchDatabase {
  readonly name: string;
  readonly url: string;
  query(text: string): Promise<postgres.RowList<postgres.Row[]>>;
  drop(): Promise<void>;
}

interface Activity {
  /** WAL of the whole server. */
  readonly walBytes: number;
  readonly transactions: number;
}

/** @param url of a server to use, as a user who may create databases; null: an embedded one, durable as in use. */
export async function openPostgresServer(url: string | null): Promise<PostgresServer> {
  const place = url === null ? await startEmbedded() : { url, stop: () => Promise.resolve() };
  const admin = postgres(place.url, { max: 1, onnotice: () => undefined });
  const prefix = `exa_bench_${process.pid}`;
  const template = `${prefix}_template`;
  await admin.unsafe(`create database ${template}`);
  await migrateDatabase(withDatabase(place.url, template));
  const [row] = await admin<{ version: string }[]>`select current_setting('server_version') as version`;
  let ordinal = 0;
  return {
    version: `PostgreSQL ${row?.version ?? 'of unknown version'}${url === null ? ' (embedded)' : ''}`,
    async createDatabase() {
      ordinal += 1;
      const name = `${prefix}_${ordinal}`;
      await admin.unsafe(`create database ${name} template ${template}`);
      await admin.unsafe('checkpoint');
      return openBenchDatabase(admin, name, withDatabase(place.url, name));
    },
    readActivity: (database) => readActivity(admin, database),
    async stop() {
      await admin.unsafe(`drop database ${template}`);
      await admin.end();
      await place.stop();
    },
  };
}

function openBenchDatabase(admin: postgres.Sql, name: string, url: string): BenchDatabase {
  return {
    name,
    url,
    async query(text) {
      const sql = postgres(url, { max: 1, onnotice: () => undefined });
      try {
        return await sql.unsafe(text);
      } finally {
        await sql.end();
      }
    },
    async drop() {
      await admin.unsafe(`drop database ${name} with (force)`);
    },
  };
}

async function readActivity(admin: postgres.Sql, { name }: BenchDatabase): Promise<Activity> {
  const [row] = await admin<{ wal: string; transactions: string }[]>`
    select pg_current_wal_insert_lsn() - '0/0' as wal,
      (select xact_commit from pg_stat_database where datname = ${name}) as transactions`;
  return { walBytes: Number(row?.wal), transactions: Number(row?.transactions) };
}

async function migrateDatabase(url: string): Promise<void> {
  const database = openDatabase({ url, schema: null, maxConnections: 1 });
  await migrateWarehouse(database, { migrations: readMigrations(resolve('migrations')) });
  await database.close();
}

async function startEmbedded(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'exa-monitor-sync-bench-'));
  // When root runs this, the server runs as somebody else.
  await chmod(directory, 0o755);
  const server = await useEmbeddedPostgres({ dataDirectory: directory, port: 0 });
  return {
    url: await createTester(server),
    async stop() {
      await server.release();
      await rm(server.directory, { recursive: true, force: true });
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function withDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

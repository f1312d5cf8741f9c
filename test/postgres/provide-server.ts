/** Global setup of the tests that need Postgres: picks a server and makes the template that their databases are cloned from. */
import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { dockerAnswers, startDockerServer } from './docker-server.ts';
import { startEmbeddedServer } from './embedded-server.ts';
import { migrateTemplate } from './migrate-template.ts';
import { type TestServer, databaseUrl } from './test-server.ts';

export interface ProvidedPostgres {
  readonly adminUrl: string;
  /** Database with all migrations applied. */
  readonly template: string;
  /** Begins the name of every database that this run makes. */
  readonly prefix: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    readonly postgres: ProvidedPostgres;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await pickServer(process.env['TEST_DATABASE_URL']);
  process.stdout.write(`Postgres for the tests: ${server.description}\n`);
  const prefix = `exa_test_${randomBytes(4).toString('hex')}_`;
  const template = `${prefix}template`;
  try {
    await withAdmin(server, async (sql) => {
      await sql`create database ${sql(template)}`;
    });
    await migrateTemplate(databaseUrl(server.adminUrl, template));
  } catch (error) {
    await server.stop(false);
    throw error;
  }
  project.provide('postgres', { adminUrl: server.adminUrl, template, prefix });
  return async () => await tearDown(server, prefix, template);
}

async function pickServer(testDatabaseUrl: string | undefined): Promise<TestServer> {
  if (testDatabaseUrl !== undefined && testDatabaseUrl !== '') {
    const { host } = new URL(testDatabaseUrl);
    return {
      description: `TEST_DATABASE_URL (${host})`,
      adminUrl: testDatabaseUrl,
      stop: async () => {},
    };
  }
  if (await dockerAnswers()) {
    try {
      return await startDockerServer();
    } catch (error) {
      // An engine without the image and without a way to get it.
      process.stdout.write(
        `Docker could not serve Postgres: ${error instanceof Error ? error.message : String(error)}\n`,
      );
    }
  }
  return await startEmbeddedServer();
}

/** A database that is still there belongs to a failed test. */
async function tearDown(server: TestServer, prefix: string, template: string): Promise<void> {
  let kept = 0;
  try {
    await withAdmin(server, async (sql) => {
      await sql`drop database ${sql(template)} with (force)`;
      const rows = await sql`select from pg_database where starts_with(datname, ${prefix})`;
      kept = rows.length;
    });
  } finally {
    await server.stop(kept > 0);
  }
}

async function withAdmin(server: TestServer, use: (sql: postgres.Sql) => Promise<void>): Promise<void> {
  const sql = postgres(server.adminUrl, { max: 1, onnotice: () => {} });
  try {
    await use(sql);
  } finally {
    await sql.end();
  }
}

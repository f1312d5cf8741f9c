/** Databases for tests, each a clone of the migrated template. */
import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { TestRunner, inject } from 'vitest';
import { databaseUrl } from './test-server.ts';

export interface TestDatabase {
  /** With user and password. */
  readonly url: string;
  readonly name: string;
  /** A pool of its own, for arranging and looking. */
  readonly sql: postgres.Sql;
  /** Drops it at once. Not needed: what a test or a hook made is dropped after its file, and kept if the test failed. */
  drop(): Promise<void>;
}

interface Made {
  readonly database: TestDatabase;
  /** Null when a hook made it for several tests. */
  readonly test: ReturnType<typeof TestRunner.getCurrentTest>;
}

const made = new Map<string, Made>();

/**
 * Makes a database for the test or hook that calls this.
 * @param contents `migrated` clones the template; `empty` has not even the migrations.
 */
export async function createTestDatabase(contents: 'migrated' | 'empty' = 'migrated'): Promise<TestDatabase> {
  const { adminUrl, template, prefix } = inject('postgres');
  const name = `${prefix}${randomBytes(4).toString('hex')}`;
  await asAdmin(adminUrl, async (admin) => {
    await admin`create database ${admin(name)} template ${admin(contents === 'migrated' ? template : 'template0')}`;
  });
  const url = databaseUrl(adminUrl, name);
  const sql = postgres(url, { max: 4, onnotice: () => {} });
  const drop = async (): Promise<void> => {
    made.delete(name);
    await sql.end({ timeout: 1 });
    await asAdmin(adminUrl, async (admin) => {
      await admin`drop database if exists ${admin(name)} with (force)`;
    });
  };
  const database = { url, name, sql, drop };
  made.set(name, { database, test: TestRunner.getCurrentTest() });
  return database;
}

/** Drops the databases of a test file, but keeps those of its failed tests and says where they are. */
export async function settleTestDatabases(anyTestFailed: boolean): Promise<void> {
  for (const { database, test } of made.values()) {
    const failed = test === undefined ? anyTestFailed : test.result?.state === 'fail';
    if (!failed) {
      await database.drop();
      continue;
    }
    await database.sql.end({ timeout: 1 });
    process.stderr.write(`Kept for "${test?.name ?? 'a failed test of this file'}": ${database.url}\n`);
  }
  made.clear();
}

async function asAdmin(adminUrl: string, use: (sql: postgres.Sql) => Promise<void>): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    await use(sql);
  } finally {
    await sql.end();
  }
}

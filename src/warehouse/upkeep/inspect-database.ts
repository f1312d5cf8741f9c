import { sql } from 'drizzle-orm';
import type { Database } from '../connection/database.ts';
import type { Transaction } from '../connection/transaction.ts';
import { loadOtherCreators, loadShadowingObjects } from './others-objects.ts';

export interface DatabaseFacts {
  /** As the server words it, such as `17.2`. */
  readonly version: string;
  /** Such as 170002. */
  readonly versionNumber: number;
  /** Such as `UTF8`. */
  readonly encoding: string;
  readonly user: string;
  /** The schema that the tables are in, or will be; null: the `search_path` names none that exists. */
  readonly schema: string | null;
  /** Rights that the sync needs and the user lacks, such as `insert on monitor_runs`. */
  readonly missingRights: readonly string[];
  /** Roles beside the user and the owner that may create objects in the schema, in the words of SQL. */
  readonly otherCreators: readonly string[];
  /** What of theirs would run in place of Postgres' own. */
  readonly shadowingObjects: readonly string[];
}

export function inspectDatabase(database: Database): Promise<DatabaseFacts> {
  return database.transaction(async (tx) => {
    const [facts] = await tx.execute<{
      version: string;
      number: string;
      encoding: string;
      user: string;
      schema: string | null;
      migrated: boolean;
      may_create: boolean;
      may_create_schema: boolean;
    }>(sql`
      select current_setting('server_version') as version, current_setting('server_version_num') as number,
        current_setting('server_encoding') as encoding,
        current_user as user, current_schema() as schema, to_regclass('schema_migrations') is not null as migrated,
        coalesce(has_schema_privilege(current_schema(), 'create'), false) as may_create,
        has_database_privilege(current_database(), 'create') as may_create_schema`);
    if (facts === undefined) throw new Error('the database answered nothing');
    const { version, number, encoding, user, schema, migrated } = facts;
    const otherCreators = await loadOtherCreators(tx);
    const shadowingObjects = await loadShadowingObjects(tx);
    const server = { version, versionNumber: Number(number), encoding, user };
    const common = { ...server, schema, otherCreators, shadowingObjects };
    if (migrated) return { ...common, missingRights: await findMissingRights(tx) };
    if (schema === null && !facts.may_create_schema)
      return { ...common, missingRights: ['create on the database'] };
    if (schema !== null && !facts.may_create)
      return { ...common, missingRights: [`create on schema ${schema}`] };
    return { ...common, missingRights: [] };
  });
}

/** What the sync does with each of its tables. */
const needed = {
  schema_migrations: ['select'],
  monitors: ['select', 'insert', 'update'],
  monitor_runs: ['select', 'insert', 'update'],
  monitor_run_status_changes: ['select', 'insert'],
  sync_checkpoints: ['select', 'insert', 'update'],
  sync_cycles: ['select', 'insert', 'update', 'delete'],
  rejected_runs: ['select', 'insert', 'update', 'delete'],
};

async function findMissingRights(tx: Transaction): Promise<readonly string[]> {
  const wanted = Object.entries(needed).flatMap(([table, rights]) =>
    rights.map((right) => ({ table, right })),
  );
  const rows = await tx.execute<{ table: string; right: string }>(sql`
    select wanted.table, wanted.right
    from json_to_recordset(${JSON.stringify(wanted)}::json) as wanted("table" text, "right" text)
    where to_regclass(wanted.table) is not null and not has_table_privilege(wanted.table, wanted.right)`);
  return rows.map((row) => `${row.right} on ${row.table}`);
}

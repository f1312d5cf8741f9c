import { sql } from 'drizzle-orm';
import type { Database } from '../connection/database.ts';
import type { Transaction } from '../connection/transaction.ts';
import { findStoredNumber } from '../cycle/cycle-record.ts';
import { tryRights } from './try-rights.ts';
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
  /** Whether the server refuses every write. */
  readonly isReadOnly: boolean;
  readonly isStandby: boolean;
  /** Tables of which row-level security shows the user a part only, or none. */
  readonly hiddenTables: readonly string[];
  /** How many this user may have at once, this one included. */
  readonly connections: number;
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
      standby: boolean;
    }>(sql`
      select current_setting('server_version') as version, current_setting('server_version_num') as number,
        current_setting('server_encoding') as encoding,
        current_user as user, current_schema() as schema, to_regclass('schema_migrations') is not null as migrated,
        coalesce(has_schema_privilege(current_schema(), 'create'), false) as may_create,
        has_database_privilege(current_database(), 'create') as may_create_schema,
        pg_is_in_recovery() as standby`);
    if (facts === undefined) throw new Error('the database answered nothing');
    const { version, number, encoding, user, schema, migrated } = facts;
    const otherCreators = await loadOtherCreators(tx);
    const shadowingObjects = await loadShadowingObjects(tx);
    const connections = await countFreeConnections(tx);
    const { missing, isReadOnly, hidden } = await tryRights(tx);
    const server = { version, versionNumber: Number(number), encoding, user, connections };
    const access = { isReadOnly, isStandby: facts.standby, hiddenTables: hidden };
    const common = { ...server, ...access, schema, otherCreators, shadowingObjects };
    if (migrated) return { ...common, missingRights: missing };
    if (schema === null && !facts.may_create_schema)
      return { ...common, missingRights: ['create on the database'] };
    if (schema !== null && !facts.may_create)
      return { ...common, missingRights: [`create on schema ${schema}`] };
    return { ...common, missingRights: [] };
  });
}

/** The number that the next cycle would get, where something stored bears it or a greater one; null: nothing does. */
export function findRewoundNumber(database: Database): Promise<number | null> {
  return database.transaction(async (tx) => {
    const [next] = await tx.execute<{ id: string }>(sql`
      select (coalesce(last_value, 0) + 1)::text as id from pg_sequences
      where schemaname = current_schema() and sequencename = 'sync_cycles_id_seq'
        and has_sequence_privilege(format('%I.%I', schemaname, sequencename), 'select')`);
    // Who may not look at it is not told of it.
    if (next === undefined) return null;
    const stored = await findStoredNumber(tx, next.id);
    return stored === null || stored < Number(next.id) ? null : Number(next.id);
  });
}

/**
 * How many more connections this user gets at most: what the server, the database and the role allow, less what is in use.
 * Behind a pooler the pooler's own bounds count beside these.
 */
async function countFreeConnections(tx: Transaction): Promise<number> {
  const [free] = await tx.execute<{ connections: number }>(sql`
    with others as (
      select datname, usename from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
    )
    select least(
      current_setting('max_connections')::integer
        - case when rolsuper then 0 else current_setting('superuser_reserved_connections')::integer end
        - (select count(*)::integer from others),
      case when datconnlimit >= 0 and not rolsuper
        then datconnlimit - (select count(*)::integer from others where others.datname = pg_database.datname) end,
      case when rolconnlimit >= 0 and not rolsuper
        then rolconnlimit - (select count(*)::integer from others where others.usename = rolname) end
    ) as connections
    from pg_database, pg_roles where pg_database.datname = current_database() and rolname = current_user`);
  return free?.connections ?? 0;
}

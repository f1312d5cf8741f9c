import { sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '../connection/transaction.ts';
import { readerFunctionNames, relationNames } from './relations.ts';

/** The comment of a role that `grant-read-only` made: by it a later call and later migrations know the role. */
export const readerMark =
  'Reads the warehouse of exa-monitor-sync; made and kept by its command grant-read-only.';

/** Where a role is to read, and what of it is there; names as SQL text wants them. */
export interface ReadingPlace {
  readonly schema: string;
  readonly database: string;
  readonly relations: readonly string[];
  readonly functions: readonly string[];
}

/** The journal of migrations is what the commands that read look at first. */
const readableRelations = [...relationNames, 'schema_migrations'];

export async function loadReadingPlace(tx: Transaction): Promise<ReadingPlace> {
  const [place] = await tx.execute<{
    schema: string;
    database: string;
    relations: string[];
    functions: string[];
  }>(sql`
    select relnamespace::regnamespace::text as schema, quote_ident(current_database()) as database,
      to_json(array(
        select format('%s.%I', pg_class.relnamespace::regnamespace, name)
        from json_array_elements_text(${JSON.stringify(readableRelations)}::json) name
        join pg_class other on other.relname = name and other.relnamespace = pg_class.relnamespace
      )) as relations,
      to_json(array(
        select format('%s.%I', pg_class.relnamespace::regnamespace, name)
        from json_array_elements_text(${JSON.stringify(readerFunctionNames)}::json) name
        join pg_proc on proname = name and pronamespace = pg_class.relnamespace
      )) as functions
    from pg_class where oid = 'monitor_runs'::regclass`);
  if (place === undefined) throw new Error('the warehouse has no table monitor_runs');
  return place;
}

/**
 * Everything that reading takes, each object by its name: what is added to the schema by others, or by the sync for itself
 * alone, stays out of reach.
 * @param role as SQL text wants it.
 */
export function grantsOf(
  role: string,
  { schema, database, relations, functions }: ReadingPlace,
): readonly string[] {
  return [
    `grant connect on database ${database} to ${role}`,
    `grant usage on schema ${schema} to ${role}`,
    `grant select on ${relations.join(', ')} to ${role}`,
    // A view's functions run with the rights of its reader, and not every database lets everybody call new functions.
    ...functions.map((name) => `grant execute on function ${name} to ${role}`),
  ];
}

/**
 * Lets the roles that `grant-read-only` made for this warehouse read what a migration has added, in the transaction of
 * the migration.
 */
export async function extendReadingRights(tx: Transaction): Promise<void> {
  const place = await loadReadingPlace(tx);
  const readers = await tx.execute<{ role: string }>(sql`
    select quote_ident(rolname) as role from pg_roles
    where shobj_description(oid, 'pg_authid') = ${readerMark}
      and has_table_privilege(oid, 'monitor_runs'::regclass, 'select')`);
  for (const { role } of readers) {
    for (const statement of asSql(grantsOf(role, place).slice(1))) await tx.execute(statement);
  }
}

export function asSql(statements: readonly string[]): readonly SQL[] {
  return statements.map((statement) => sql.raw(statement));
}

import { randomBytes } from 'node:crypto';
import { sql, type SQL } from 'drizzle-orm';
import { quoteIdentifier, type Database } from '../connection/database.ts';
import { readerFunctionNames, relationNames } from './relations.ts';
import { scramVerifier } from './scram-verifier.ts';
import type { Transaction } from '../connection/transaction.ts';

/** A role that may already do more than read, so that it cannot be promised to do nothing else. */
class RoleCanWriteError extends Error {
  override readonly name = 'RoleCanWriteError';

  constructor(role: string, because: string) {
    super(`role "${role}" ${because}: choose the name of a role of its own`);
  }
}

export interface ReadOnlyGrant {
  readonly role: string;
  /** Null: a new role gets none (it can log in where the server asks for none), an existing one keeps its own. */
  readonly password: string | null;
}

export interface ReadOnlyRole {
  readonly created: boolean;
  /** Where it may read. */
  readonly schema: string;
}

/**
 * Makes a role that can read the tables and views of this warehouse, also those of later migrations, and nothing else;
 * or brings the rights of such a role up to date. To be run by the role that migrates, with the right to create roles.
 *
 * Takes from everybody the right to make tables in the schema, as Postgres itself does since version 15. Temporary
 * tables and large objects, which touch nothing of the warehouse, stay possible where Postgres allows them: other users of
 * the database may need them, and it takes them from everybody or from nobody.
 * @throws RoleCanWriteError
 */
export function grantReadOnly(database: Database, { role, password }: ReadOnlyGrant): Promise<ReadOnlyRole> {
  return database.transaction(async (tx) => {
    const [place] = await tx.execute<{ schema: string; database: string }>(
      sql`select relnamespace::regnamespace::text as schema, quote_ident(current_database()) as database
        from pg_class where oid = 'monitor_runs'::regclass`,
    );
    if (place === undefined) throw new Error('the warehouse has no table monitor_runs');
    const created = await ensureRole(tx, role);
    for (const statement of statementsOf(quoteIdentifier(role), place.schema, place.database)) {
      await tx.execute(statement);
    }
    if (password !== null) {
      const verifier = scramVerifier(password, randomBytes(16));
      await tx.execute(sql.raw(`alter role ${quoteIdentifier(role)} password '${verifier}'`));
    }
    return { created, schema: place.schema };
  });
}

/** @returns whether the role had to be made. */
async function ensureRole(tx: Transaction, role: string): Promise<boolean> {
  const [found] = await tx.execute<{ powerful: boolean; owns: boolean; member: boolean; self: boolean }>(sql`
    select rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls as powerful,
      rolname = current_user as self,
      exists (select from pg_class where relowner = roles.oid)
        or exists (select from pg_namespace where nspowner = roles.oid)
        or exists (select from pg_database where datdba = roles.oid) as owns,
      exists (select from pg_auth_members where member = roles.oid) as member
    from pg_roles roles where rolname = ${role}`);
  if (found === undefined) {
    await tx.execute(sql.raw(`create role ${quoteIdentifier(role)} login`));
    return true;
  }
  if (found.self) throw new RoleCanWriteError(role, 'is the one that the sync itself uses');
  if (found.powerful) throw new RoleCanWriteError(role, 'has rights over the whole server');
  if (found.owns) throw new RoleCanWriteError(role, 'owns tables, schemas or databases');
  if (found.member) throw new RoleCanWriteError(role, 'has the rights of other roles');
  return false;
}

/** All names quoted. What an earlier version or another hand granted in the schema is taken back first. */
function statementsOf(role: string, schema: string, database: string): readonly SQL[] {
  const inSchema = (names: readonly string[]): string =>
    names.map((name) => `${schema}.${quoteIdentifier(name)}`).join(', ');
  const relations = inSchema(relationNames);
  const functions = inSchema(readerFunctionNames);
  return [
    `revoke all on all tables in schema ${schema} from ${role}`,
    `revoke all on all sequences in schema ${schema} from ${role}`,
    `revoke all on schema ${schema} from ${role}`,
    `revoke create on schema ${schema} from public`,
    `revoke all on database ${database} from ${role}`,
    `grant connect on database ${database} to ${role}`,
    `grant usage on schema ${schema} to ${role}`,
    `grant select on ${relations} to ${role}`,
    // A view's functions run with the rights of its reader, and not every database lets everybody call new functions.
    `grant execute on function ${functions} to ${role}`,
    // Those of later migrations; they are made by the role that runs this.
    `alter default privileges in schema ${schema} grant select on tables to ${role}`,
    `alter default privileges in schema ${schema} grant execute on functions to ${role}`,
    `alter role ${role} in database ${database} set search_path to ${schema}`,
    // No protection, since the role may change it, but a tool that writes by mistake gets a clear answer.
    `alter role ${role} in database ${database} set default_transaction_read_only to on`,
  ].map((statement) => sql.raw(statement));
}

import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Database } from '../connection/database.ts';
import { quoteIdentifier } from '../connection/statement.ts';
import type { Transaction } from '../connection/transaction.ts';
import { asSql, grantsOf, loadReadingPlace, readerMark, type ReadingPlace } from './reading-rights.ts';
import { scramVerifier } from './scram-verifier.ts';

/** A role that may already do more than read, so that it cannot be promised to do nothing else. */
class RoleCanWriteError extends Error {
  override readonly name = 'RoleCanWriteError';

  constructor(role: string, because: string) {
    super(`role "${role}" ${because}: choose the name of a role of its own`);
  }
}

/** A role that is somebody's: what would let it read is for a person to run. */
export class RoleOfOthersError extends Error {
  override readonly name = 'RoleOfOthersError';
  readonly statements: readonly string[];

  constructor(role: string, statements: readonly string[]) {
    super(
      `role "${role}" was not made by grant-read-only and has rights already, so it stays as it is: choose another name, or run the printed statements yourself`,
    );
    this.statements = statements;
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
  /** The statement that takes temporary tables from it and from everybody; null: it can make none. */
  readonly againstTemporaryTables: string | null;
}

/** What a dashboard needs, and what a forgotten one may take away from the sync at most. */
const limits = { connections: 20, statementTimeout: '5min', idleInTransactionTimeout: '5min' };

/**
 * Makes a role that can read the tables and views of this warehouse and nothing else, or brings the rights of such a role
 * up to date; `extendReadingRights` adds what later migrations bring. To be run by the role that migrates, with the
 * right to create roles. A role that it has not made is touched only where it can do nothing so far.
 *
 * Takes from everybody the right to make tables in the schema, as Postgres itself does since version 15. Temporary
 * tables, which touch nothing of the warehouse, can be taken from everybody or from nobody: that is left to a person.
 * @throws RoleCanWriteError, RoleOfOthersError
 */
export function grantReadOnly(database: Database, { role, password }: ReadOnlyGrant): Promise<ReadOnlyRole> {
  return database.transaction(async (tx) => {
    const place = await loadReadingPlace(tx);
    const created = await ensureRole(tx, role, place);
    for (const statement of asSql(statementsOf(quoteIdentifier(role), place))) await tx.execute(statement);
    if (password !== null) {
      const verifier = scramVerifier(password, randomBytes(16));
      await tx.execute(sql.raw(`alter role ${quoteIdentifier(role)} password '${verifier}'`));
    }
    const [can] = await tx.execute<{ temporary: boolean }>(
      sql`select has_database_privilege(${role}::name, current_database(), 'temporary') as temporary`,
    );
    const againstTemporaryTables =
      can?.temporary === true ? `revoke temporary on database ${place.database} from public` : null;
    return { created, schema: place.schema, againstTemporaryTables };
  });
}

/** @returns whether the role had to be made. */
async function ensureRole(tx: Transaction, role: string, place: ReadingPlace): Promise<boolean> {
  const [found] = await tx.execute<{
    powerful: boolean;
    self: boolean;
    owns: boolean;
    member: boolean;
    marked: boolean;
    has_rights: boolean;
  }>(sql`
    select rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls as powerful,
      rolname = current_user as self,
      exists (
        select from pg_shdepend where refclassid = 'pg_authid'::regclass and refobjid = roles.oid and deptype = 'o'
      ) as owns,
      exists (select from pg_auth_members where member = roles.oid) as member,
      coalesce(shobj_description(oid, 'pg_authid') = ${readerMark}, false) as marked,
      exists (
        select from pg_shdepend where refclassid = 'pg_authid'::regclass and refobjid = roles.oid
      ) as has_rights
    from pg_roles roles where rolname = ${role}`);
  if (found === undefined) {
    await tx.execute(sql.raw(`create role ${quoteIdentifier(role)} login`));
    return true;
  }
  if (found.self) throw new RoleCanWriteError(role, 'is the one that the sync itself uses');
  if (found.powerful) throw new RoleCanWriteError(role, 'has rights over the whole server');
  if (found.owns) throw new RoleCanWriteError(role, 'owns tables, schemas or databases');
  if (found.member) throw new RoleCanWriteError(role, 'has the rights of other roles');
  if (found.has_rights && !found.marked) {
    throw new RoleOfOthersError(role, grantsOf(quoteIdentifier(role), place));
  }
  return false;
}

/** What an earlier version or another hand granted in the schema is taken back first. */
function statementsOf(role: string, place: ReadingPlace): readonly string[] {
  const { schema, database } = place;
  const always = `alter role ${role} in database ${database} set`;
  return [
    `comment on role ${role} is '${readerMark}'`,
    `alter role ${role} connection limit ${limits.connections}`,
    `alter default privileges in schema ${schema} revoke all on tables from ${role}`,
    `alter default privileges in schema ${schema} revoke all on functions from ${role}`,
    `revoke all on all tables in schema ${schema} from ${role}`,
    `revoke all on all sequences in schema ${schema} from ${role}`,
    `revoke all on schema ${schema} from ${role}`,
    `revoke create on schema ${schema} from public`,
    `revoke all on database ${database} from ${role}`,
    ...grantsOf(role, place),
    `${always} search_path to ${schema}`,
    // No protection, since the role may change them, but a tool that writes by mistake gets a clear answer, and one that is
    // forgotten ends by itself.
    `${always} default_transaction_read_only to on`,
    `${always} statement_timeout to '${limits.statementTimeout}'`,
    `${always} idle_in_transaction_session_timeout to '${limits.idleInTransactionTimeout}'`,
  ];
}

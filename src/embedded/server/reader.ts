/** The role for BI tools: on a port, where a password can be lost, nobody needs more than to read. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readClusterFile, replaceClusterFile } from '../cluster-file.ts';
import { databaseName } from '../cluster.ts';
import type { Placement } from '../place/placement.ts';
import { connectOnce, type ServerAddress } from './own-connection.ts';

export const readerName = 'exa_reader';

/** Any number will do: it is let go of before the warehouse is used. */
const lockKey = 7_227_118;

/**
 * Gives the password of the role and makes the role when there is none yet. Which tables it may read, those who make the
 * tables say. The file with the password is written last, so with it everything else is there.
 */
export async function ensureReader(placement: Placement, address: ServerAddress): Promise<string> {
  const file = join(placement.cluster, 'reader-password');
  const known = await readClusterFile(file);
  if (known !== null) return known.trim();

  const sql = await connectOnce(address, { database: databaseName, name: 'exa-monitor-sync reader' });
  try {
    // Another command may do the same; the lock ends with the connection.
    await sql`select pg_advisory_lock(${lockKey})`;
    const made = await readClusterFile(file);
    if (made !== null) return made.trim();
    const password = randomBytes(24).toString('base64url');
    await sql.begin(async (tx) => {
      for (const statement of statementsOf(password)) await tx.unsafe(statement);
    });
    await replaceClusterFile(file, `${password}\n`, placement.account);
    return password;
  } finally {
    await sql.end({ timeout: 0 });
  }
}

/** Postgres lets every user make temporary tables and large objects, and look into every database. */
function statementsOf(password: string): readonly string[] {
  return [
    `do $$ begin
       if not exists (select from pg_catalog.pg_roles where rolname = '${readerName}') then
         create role ${readerName};
         comment on role ${readerName} is 'Reads the warehouse, for BI tools. Made by exa-monitor-sync.';
       end if;
     end $$`,
    `alter role ${readerName} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls connection limit 20 password '${password}'`,
    // No protection, since the role may change it, but a tool that writes by mistake gets a clear answer.
    `alter role ${readerName} set default_transaction_read_only to on`,
    `revoke create on schema public from public`,
    `revoke temporary on database ${databaseName} from public`,
    // In the maintenance database a lock says who uses the server.
    `revoke connect, temporary on database postgres, template1 from public`,
    `revoke execute on function
       pg_catalog.lo_creat(integer), pg_catalog.lo_create(oid), pg_catalog.lo_from_bytea(oid, bytea) from public`,
  ];
}

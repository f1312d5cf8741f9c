/** Who may connect to the server, and how they prove who they are. */
import { join } from 'node:path';
import { readClusterFile, replaceClusterFile } from './cluster-file.ts';
import { dataPath, userName } from './cluster.ts';
import type { Placement } from './place/placement.ts';

/**
 * Each way in asks for a password that is proved without being shown. The socket does, too: its directory keeps other
 * users out, but as root the server runs as a user whose other programs can enter it.
 */
const head = `# Written by exa-monitor-sync whenever it starts this server: changes are lost.
# TYPE  DATABASE  USER  ADDRESS       METHOD
`;
const byPassword = `local   all       all                 scram-sha-256
host    all       all   127.0.0.1/32  scram-sha-256
`;
/** Where the superuser has the socket, nobody can try passwords for it on the port. */
const noSuperuserOnPort = `host    all       ${userName}   127.0.0.1/32  reject
`;

/** Puts the rules in place of what an earlier version, or somebody else, has left there. */
export async function writeAccessRules(
  placement: Placement,
  { hasSocket }: { readonly hasSocket: boolean },
): Promise<void> {
  const rules = `${head}${hasSocket ? noSuperuserOnPort : ''}${byPassword}`;
  const file = join(dataPath(placement), 'pg_hba.conf');
  if ((await readClusterFile(file)) !== rules) await replaceClusterFile(file, rules, placement.account);
}

/** Who may connect to the server, and how they prove who they are. */
import { join } from 'node:path';
import { readClusterFile, replaceClusterFile } from './cluster-file.ts';
import { dataPath } from './cluster.ts';
import type { Placement } from './place/placement.ts';

/**
 * Each way in asks for a password that is proved without being shown. The socket does, too: its directory keeps other
 * users out, but as root the server runs as a user whose other programs can enter it.
 */
const rules = `# Written by exa-monitor-sync whenever it starts this server: changes are lost.
# TYPE  DATABASE  USER  ADDRESS       METHOD
local   all       all                 scram-sha-256
host    all       all   127.0.0.1/32  scram-sha-256
`;

/** Puts the rules in place of what an earlier version, or somebody else, has left there. */
export async function writeAccessRules(placement: Placement): Promise<void> {
  const file = join(dataPath(placement), 'pg_hba.conf');
  if ((await readClusterFile(file)) !== rules) await replaceClusterFile(file, rules, placement.account);
}

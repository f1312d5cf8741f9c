/** A process that has got the id of a server that is dead. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { findServerAccounts, isRoot } from '../../src/embedded/place/server-account.ts';

export type Bystander = ChildProcess & { readonly pid: number };

/** One that the server's user could signal: any other Postgres takes for stale by itself. Ends with the test. */
export async function startBystander(): Promise<Bystander> {
  const [account] = isRoot() ? await findServerAccounts() : [];
  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'], {
    stdio: 'ignore',
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  });
  await once(bystander, 'spawn');
  onTestFinished(() => void bystander.kill());
  if (!hasPid(bystander)) throw new Error('the process did not start');
  return bystander;
}

function hasPid(child: ChildProcess): child is Bystander {
  return child.pid !== undefined;
}

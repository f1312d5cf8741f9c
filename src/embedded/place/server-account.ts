/** Who the server runs as. Postgres refuses to run as root, so root needs another user for it. */
import { stat } from 'node:fs/promises';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EmbeddedPostgresError } from '../embedded-postgres-error.ts';

export interface ServerAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** `postgres` where a Postgres package made it; `nobody` is on every Unix. */
const accountNames = ['postgres', 'nobody'];

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The users that root may run the server as, the preferred one first.
 * @throws EmbeddedPostgresError when the machine has none of them.
 */
export async function findServerAccounts(): Promise<readonly [ServerAccount, ...ServerAccount[]]> {
  const [first, ...rest] = selectServerAccounts(await readFile('/etc/passwd', 'utf8'));
  if (first === undefined) {
    throw new EmbeddedPostgresError(
      `Postgres refuses to run as root and there is no user ${accountNames.join(' or ')}: run this as a normal user, or set DATABASE_URL`,
    );
  }
  return [first, ...rest];
}

/** Reads lines of `name:password:uid:gid:…`. */
export function selectServerAccounts(passwd: string): readonly ServerAccount[] {
  const accounts = passwd.split('\n').flatMap((line): ServerAccount[] => {
    const [name = '', , uid = '', gid = ''] = line.split(':');
    // macOS gives `nobody` the ids -2, which the system takes as unsigned.
    const ids = [Number(uid) >>> 0, Number(gid) >>> 0] as const;
    return accountNames.includes(name) && ids[0] !== 0 ? [{ name, uid: ids[0], gid: ids[1] }] : [];
  });
  return accounts.toSorted((a, b) => accountNames.indexOf(a.name) - accountNames.indexOf(b.name));
}

/** Whether the user can enter a directory, judged by the mode of it and of everything above it. */
export async function canEnter(directory: string, account: ServerAccount): Promise<boolean> {
  for (let path = directory; ; path = dirname(path)) {
    if (!maySearch(await stat(path), account)) return false;
    if (path === dirname(path)) return true;
  }
}

interface Permissions {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

function maySearch({ mode, uid, gid }: Permissions, account: ServerAccount): boolean {
  if (uid === account.uid) return (mode & 0o100) !== 0;
  if (gid === account.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

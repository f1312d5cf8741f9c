import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { canEnter, selectServerAccounts } from '../../../src/embedded/place/server-account.ts';
import { parentFor } from '../reachable-directory.ts';

const passwd = `root:x:0:0:root:/root:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash
`;

test('the server runs as postgres where there is one, else as nobody, never as root', () => {
  expect(selectServerAccounts(passwd)).toEqual([
    { name: 'postgres', uid: 101, gid: 104 },
    { name: 'nobody', uid: 65_534, gid: 65_534 },
  ]);
  expect(selectServerAccounts('nobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false')).toEqual([
    { name: 'nobody', uid: 4_294_967_294, gid: 4_294_967_294 },
  ]);
  expect(selectServerAccounts('postgres:x:0:0::/:/bin/sh\n# nobody\n')).toEqual([]);
});

test('a directory can be entered only if everything above it can', async () => {
  const stranger = { name: 'stranger', uid: 54_321, gid: 54_321 };
  const top = await mkdtemp(join(await parentFor(stranger), 'exa-monitor-sync-enter-'));
  onTestFinished(async () => {
    await rm(top, { recursive: true });
  });
  const inner = join(top, 'closed', 'open');
  await mkdir(inner, { recursive: true });
  await chmod(top, 0o755);

  await chmod(join(top, 'closed'), 0o700);
  expect(await canEnter(inner, stranger)).toBe(false);
  await chmod(join(top, 'closed'), 0o711);
  expect(await canEnter(inner, stranger)).toBe(true);

  const { uid, gid } = await stat(top);
  await chmod(join(top, 'closed'), 0o700);
  expect(await canEnter(inner, { name: 'owner', uid, gid: 54_321 })).toBe(true);
  await chmod(join(top, 'closed'), 0o750);
  expect(await canEnter(inner, { name: 'member', uid: 54_321, gid })).toBe(true);
});

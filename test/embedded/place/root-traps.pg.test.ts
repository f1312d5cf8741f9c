import {
  chmod,
  chown,
  lchown,
  lstat,
  mkdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EmbeddedPostgresError } from '../../../src/embedded/embedded-postgres-error.ts';
import { isRoot } from '../../../src/embedded/place/server-account.ts';
import { dataDirectoryOfTest, filesIn, use } from '../data-directory.ts';

/** Nobody in particular. */
const stranger = 54_321;

async function refusalOf(using: Promise<unknown>): Promise<string> {
  const error: unknown = await using.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EmbeddedPostgresError);
  const message = error instanceof Error ? error.message : '';
  expect(message).not.toContain('\n');
  return message;
}

async function strangersDirectory(): Promise<string> {
  const directory = await dataDirectoryOfTest();
  await chown(directory, stranger, stranger);
  return directory;
}

describe.runIf(isRoot())('root in the directory of somebody else', () => {
  test('follows no link on the way to the data', async () => {
    const [own, foreign] = [await dataDirectoryOfTest(), await strangersDirectory()];
    const link = join(foreign, 'data');
    await symlink(own, link);
    await lchown(link, stranger, stranger);

    expect(await refusalOf(use(link))).toMatch(/data is a symbolic link of another user.*DATABASE_URL/);
    expect(await refusalOf(use(join(link, 'deeper')))).toContain('symbolic link');
    // A link of root's own can be exchanged there.
    await lchown(link, 0, 0);
    expect(await refusalOf(use(link))).toContain('symbolic link');
    await expect(stat(join(own, 'cluster'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('follows no link instead of the cluster, its data, or its log', async () => {
    const [own, foreign] = [await dataDirectoryOfTest(), await strangersDirectory()];
    await (await use(own)).release();
    await symlink(join(own, 'cluster'), join(foreign, 'cluster'));
    await lchown(join(foreign, 'cluster'), stranger, stranger);
    expect(await refusalOf(use(foreign))).toContain('cluster is a symbolic link');

    await rm(join(foreign, 'cluster'));
    const victim = join(own, 'victim');
    await writeFile(victim, 'as it was');
    await symlink(victim, join(foreign, 'server.log'));
    expect(await refusalOf(use(foreign))).toContain('server.log is a symbolic link');
    expect(await readFile(victim, 'utf8')).toBe('as it was');
  });

  test('writes its rules and passwords through no link of the server’s user', async () => {
    const own = await dataDirectoryOfTest();
    await (await use(own)).release();
    const victim = join(own, 'victim');
    await writeFile(victim, 'as it was');
    const rules = join(filesIn(own), 'pg_hba.conf');
    await rm(rules);
    await symlink(victim, rules);
    expect(await refusalOf(use(own))).toContain('pg_hba.conf is a symbolic link');
    expect(await readFile(victim, 'utf8')).toBe('as it was');

    await rm(rules);
    await rename(filesIn(own), join(own, 'cluster', 'other'));
    await symlink(join(own, 'cluster', 'other'), filesIn(own));
    await lchown(filesIn(own), (await stat(join(own, 'cluster'))).uid, 0);
    expect(await refusalOf(use(own))).toContain('data is a symbolic link');
  });

  test.each([
    '/var/lib/exa-monitor-sync/../../../etc',
    '/var/lib/exa-monitor-sync/0123456789ab/..',
    '/var/lib/exa-monitor-sync/0123456789ab/../../elsewhere',
    '/var/lib/exa-monitor-sync/binaries',
    '/etc',
    '',
  ])('follows no note that names %j', async (home) => {
    const directory = await dataDirectoryOfTest();
    await writeFile(join(directory, 'data-are-elsewhere.txt'), `${home}\n`);

    expect(await refusalOf(use(directory))).toMatch(/data-are-elsewhere.txt does not say where/);
    await expect(lstat(join(directory, 'cluster'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('follows no note that root has not written', async () => {
    const directory = await strangersDirectory();
    const note = join(directory, 'data-are-elsewhere.txt');
    await writeFile(note, '/var/lib/exa-monitor-sync/0123456789ab\n');
    await chown(note, stranger, stranger);
    expect(await refusalOf(use(directory))).toContain('root writes it');

    await rm(note);
    await writeFile(join(directory, 'text'), '/var/lib/exa-monitor-sync/0123456789ab\n');
    await symlink(join(directory, 'text'), note);
    expect(await refusalOf(use(directory))).toContain('data-are-elsewhere.txt is a symbolic link');
  });
});

test.runIf(isRoot())('root follows its own links in its own directories', async () => {
  const own = await dataDirectoryOfTest();
  await mkdir(join(own, 'data'));
  await symlink(join(own, 'data'), join(own, 'link'));

  expect((await use(join(own, 'link'))).directory).toBe(join(own, 'data'));
});

test.runIf(isRoot())(
  'root keeps data elsewhere where the server’s user cannot enter, and finds them again',
  async () => {
    const closed = await dataDirectoryOfTest();
    await chmod(closed, 0o700);
    const first = await use(closed);
    const shared = dirname(first.directory);
    onTestFinished(async () => {
      await rm(first.directory, { recursive: true, force: true });
      // Other data may lie there.
      await rmdir(shared).catch(() => undefined);
    });
    expect(shared).toBe('/var/lib/exa-monitor-sync');
    const note = await readFile(join(closed, 'data-are-elsewhere.txt'), 'utf8');
    expect(note.split('\n')[0]).toBe(first.directory);
    await first.release();

    const second = await use(closed);
    expect(second).toMatchObject({ directory: first.directory, startedByUs: true });
    await second.release();
  },
);

import { execFile } from 'node:child_process';
import { readdir, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { findPostgresBinaries, programPath } from '../../../src/embedded/place/postgres-binaries.ts';
import { copyBinaries, createSharedLibraryLinks } from '../../../src/embedded/place/shared-library-links.ts';
import { dataDirectoryOfTest } from '../data-directory.ts';

test('binaries that were installed without scripts load after their links are made, by two processes at once', async () => {
  const parent = await dataDirectoryOfTest();
  const binaries = await copyBinaries(await findPostgresBinaries(), parent);
  const libraries = join(binaries.directory, 'lib');
  const entries = await readdir(libraries, { withFileTypes: true });
  const links = entries.filter((entry) => entry.isSymbolicLink()).map((entry) => entry.name);
  await Promise.all(links.map(async (name) => await rm(join(libraries, name))));

  const made = await Promise.all([createSharedLibraryLinks(binaries), createSharedLibraryLinks(binaries)]);

  expect(made).toEqual([true, true]);
  const targets = await Promise.all(links.map(async (name) => await readlink(join(libraries, name))));
  expect(targets.every((target) => !target.includes('/'))).toBe(true);
  const { stdout } = await promisify(execFile)(programPath(binaries, 'initdb'), ['--version'], { env: {} });
  expect(stdout).toContain(binaries.version.split('.')[0]);
});

test('a copy of the binaries is made once', async () => {
  const parent = await dataDirectoryOfTest();
  const installed = await findPostgresBinaries();
  const [first, second] = await Promise.all([
    copyBinaries(installed, parent),
    copyBinaries(installed, parent),
  ]);

  expect(first).toEqual(second);
  expect(await readdir(parent)).toHaveLength(1);
});

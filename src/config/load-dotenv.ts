import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { ConfigError } from './parse-config.ts';

/**
 * The variables of the `.env` file in a directory; none when there is no file.
 * @throws ConfigError when there is one that cannot be read.
 */
export async function loadDotenv(directory: string): Promise<Readonly<Record<string, string>>> {
  try {
    return parse(await readFile(join(directory, '.env'), 'utf8'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT') return {};
    throw new ConfigError([`.env: cannot be read (${String(code)})`], { cause: error });
  }
}

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { warning, type Check } from './check.ts';

const ofOthers = 0o077;

/** Whether the file with the secrets is only its owner's to read; nothing to say where there is none, or no such modes. */
export async function checkDotenv(directory: string): Promise<readonly Check[]> {
  if (process.platform === 'win32') return [];
  const mode = await stat(join(directory, '.env')).then(
    (found) => found.mode,
    () => null,
  );
  if (mode === null || (mode & ofOthers) === 0) return [];
  const octal = (mode & 0o777).toString(8);
  return [warning('.env', `other users of this machine may read it (mode ${octal})`, 'run chmod 600 .env')];
}

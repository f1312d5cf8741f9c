/** Builds `dist/` before the tests that start the real command line. */
import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));

export async function setup(): Promise<void> {
  // Two projects ask for this; and writing files that another test run in the same checkout reads would disturb it.
  if ((await oldestFileMs('dist')) > (await newestFileMs('src'))) return;
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  try {
    await promisify(execFile)(npm, ['run', 'build'], {
      cwd: root,
      shell: process.platform === 'win32',
    });
  } catch (error) {
    // The compiler writes its output in spite of type errors; those fail `npm run types`, not every test.
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    if (!output.includes('error TS')) throw new Error(`npm run build failed: ${output}`, { cause: error });
    process.stderr.write(`npm run build reports type errors:\n${output}\n`);
  }
}

async function oldestFileMs(directory: string): Promise<number> {
  const times = await modificationTimes(directory, '.js');
  return times.length === 0 ? -Infinity : Math.min(...times);
}

async function newestFileMs(directory: string): Promise<number> {
  return Math.max(...(await modificationTimes(directory, '.ts')));
}

async function modificationTimes(directory: string, extension: string): Promise<readonly number[]> {
  let names: readonly string[];
  try {
    names = await readdir(join(root, directory), { recursive: true });
  } catch {
    return [];
  }
  const files = names.filter((name) => name.endsWith(extension));
  return await Promise.all(files.map(async (name) => (await stat(join(root, directory, name))).mtimeMs));
}

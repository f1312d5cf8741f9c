/** Builds `dist/` before the tests that start the real command line. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));

export async function setup(): Promise<void> {
  const modules = await findNamedModules();
  // Two projects ask for this; and writing files that another test run in the same checkout reads would disturb it.
  const newest = Math.max(await newestFileMs('src'), await newestFileMs('packaging'));
  if (
    (await oldestFileMs('dist')) > newest &&
    modules.every((name) => existsSync(join(root, 'dist', `${name}.js`)))
  )
    return;
  const entryPoints = modules.map((name) => `src/${name}.ts`);
  await promisify(execFile)(process.execPath, ['packaging/build.mjs', ...entryPoints], { cwd: root });
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  try {
    await promisify(execFile)(npm, ['run', 'build:types'], {
      cwd: root,
      shell: process.platform === 'win32',
    });
  } catch (error) {
    // The compiler writes its output in spite of type errors; those fail `npm run types`, not every test.
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    if (!output.includes('error TS'))
      throw new Error(`npm run build:types failed: ${output}`, { cause: error });
    process.stderr.write(`npm run build:types reports type errors:\n${output}\n`);
  }
}

/** What tests run of the build besides the program and the library, such as `embedded/use-embedded-postgres`. */
async function findNamedModules(): Promise<readonly string[]> {
  const names = await readdir(join(root, 'test'), { recursive: true });
  const files = names.filter((name) => /\.m?ts$|\.mjs$/.test(name));
  const texts = await Promise.all(files.map((name) => readFile(join(root, 'test', name), 'utf8')));
  const modules = texts.flatMap((text) =>
    [...text.matchAll(/\/dist\/([\w/-]+)\.js'/g)].map(([, name = '']) => name),
  );
  return [...new Set(modules)].filter((name) => name !== 'main' && name !== 'index').toSorted();
}

async function oldestFileMs(directory: string): Promise<number> {
  const times = await modificationTimes(directory, /\.js$/);
  return times.length === 0 ? -Infinity : Math.min(...times);
}

async function newestFileMs(directory: string): Promise<number> {
  return Math.max(...(await modificationTimes(directory, /\.(ts|mjs)$/)));
}

async function modificationTimes(directory: string, pattern: RegExp): Promise<readonly number[]> {
  let names: readonly string[];
  try {
    names = await readdir(join(root, directory), { recursive: true });
  } catch {
    return [];
  }
  const files = names.filter((name) => pattern.test(name));
  return await Promise.all(files.map(async (name) => (await stat(join(root, directory, name))).mtimeMs));
}

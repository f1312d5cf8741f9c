import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** The version in the package's manifest, which lies above this file; how far above, depends on whether it is built. */
export async function readPackageVersion(): Promise<string> {
  let manifest = new URL('package.json', import.meta.url);
  while (!existsSync(manifest) && manifest.pathname !== '/package.json')
    manifest = new URL('../package.json', manifest);
  const content: unknown = JSON.parse(await readFile(manifest, 'utf8'));
  // Without a schema: their library alone would double the time of `--version`.
  if (typeof content === 'object' && content !== null && 'version' in content) return String(content.version);
  throw new Error('the manifest of this installation has no version');
}

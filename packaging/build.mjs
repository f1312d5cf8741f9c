/** The first part of `npm run build`: all that runs but the migrations and the embedded server. The second are the types. */
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import { describeMaterials, describeThirdParty } from './third-party.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

await rm(join(root, 'dist'), { recursive: true, force: true });
// Beside program and library, modules that are named: tests run them in processes of their own.
const entryPoints = ['src/main.ts', 'src/index.ts', ...process.argv.slice(2)];
const metafile = await bundle(entryPoints, root);
await writeFile(join(root, 'dist', 'THIRD-PARTY.txt'), await describeThirdParty(metafile, root));
await writeFile(join(root, 'dist', 'sbom.cdx.json'), await describeMaterials(metafile, root));
await chmod(join(root, 'dist', 'main.js'), 0o755);

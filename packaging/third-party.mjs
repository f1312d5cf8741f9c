/** What is inside the bundle: the licences, most of which ask to be passed on with it, and a list for machines. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const rule = '-'.repeat(80);

/**
 * @param {import('esbuild').Metafile} metafile
 * @param {string} root
 */
export async function describeThirdParty(metafile, root) {
  const parts = await Promise.all(findPackages(metafile).map((name) => describePackage(name, root)));
  const head = 'This program contains the packages below, each under the licence that follows its name.';
  return `${[head, ...parts].join(`\n\n${rule}\n\n`)}\n`;
}

/**
 * The packages as a bill of materials, in the form of CycloneDX 1.5.
 * @param {import('esbuild').Metafile} metafile
 * @param {string} root
 */
export async function describeMaterials(metafile, root) {
  const read = async (folder) => JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
  const parts = await Promise.all(findPackages(metafile).map(read));
  const program = component('application', await read('.'));
  const components = parts.map((part) => component('library', part));
  const bom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: program },
    components,
    dependencies: [{ ref: program['bom-ref'], dependsOn: components.map((one) => one['bom-ref']) }],
  };
  return `${JSON.stringify(bom, null, 2)}\n`;
}

/**
 * @param {string} type
 * @param {{ name: string, version: string, license: string }} manifest
 */
function component(type, { name, version, license }) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { type, 'bom-ref': purl, name, version, purl, licenses: [{ expression: license }] };
}

/**
 * The folders of packages of which something is in the output, in the order of their names.
 * @param {import('esbuild').Metafile} metafile
 */
function findPackages(metafile) {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs));
  const folders = inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []);
  return [...new Set(folders)].toSorted();
}

/**
 * @param {string} folder
 * @param {string} root
 */
async function describePackage(folder, root) {
  const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
  const files = await listFiles(join(root, folder));
  const texts = files.filter((file) =>
    /^(licenses\/)?(licen[cs]e|copying|notice|unlicense)[^/]*$/i.test(file),
  );
  const contents = await Promise.all(
    texts.toSorted().map((file) => readFile(join(root, folder, file), 'utf8')),
  );
  if (typeof license !== 'string')
    throw new Error(`${folder} names no licence: look at it before it is shipped`);
  return [`${name} ${version} (${license})`, ...contents.map((text) => text.trim())].join('\n\n');
}

/**
 * Those of a package and of its folder of licences, if it has one.
 * @param {string} folder
 */
async function listFiles(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const own = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  if (!entries.some((entry) => entry.isDirectory() && entry.name === 'licenses')) return own;
  return [...own, ...(await readdir(join(folder, 'licenses'))).map((name) => `licenses/${name}`)];
}

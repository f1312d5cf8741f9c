/** What the build makes of the program. */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { entry, makeDirectory } from './command-line.ts';

const run = promisify(execFile);
const built = dirname(entry);

/** Prints the peak of the process, in kilobytes, when it ends. */
const reportPeak = `data:text/javascript,process.on('exit', () => console.error(process.resourceUsage().maxRSS))`;

async function peakMegabytes(...argv: readonly string[]): Promise<number> {
  const { stderr } = await run(process.execPath, ['--import', reportPeak, entry, ...argv], {
    cwd: await makeDirectory(),
    env: { PATH: process.env['PATH'] },
  });
  return Number(stderr) / 1024;
}

test('a command that needs nothing loads nothing: --version stays under 80 MB', async () => {
  expect(await peakMegabytes('--version')).toBeLessThan(80);
});

test('the help, for which every command is loaded, stays under 100 MB', async () => {
  expect(await peakMegabytes('--help')).toBeLessThan(100);
});

test('packages are inside: from outside come only Node itself and the embedded server', async () => {
  const files = (await readdir(built, { recursive: true })).filter((name) => name.endsWith('.js'));
  const texts = await Promise.all(files.map((name) => readFile(join(built, name), 'utf8')));
  const imported = texts.flatMap((text) =>
    [...text.matchAll(/^import\s[^'"`;]*?from\s"([^"]+)"|^import\s"([^"]+)"/gm)].map(
      ([, from, bare]) => from ?? bare ?? '',
    ),
  );
  const foreign = imported.filter((name) => !/^(\.|node:)/.test(name) && !builtinModules.includes(name));
  expect(new Set(foreign)).toEqual(new Set());
});

test('the licences of what is inside are shipped with it', async () => {
  const text = await readFile(join(built, 'THIRD-PARTY.txt'), 'utf8');
  for (const name of ['zod', 'undici', 'drizzle-orm', 'postgres', 'echarts', 'fastify']) {
    expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
  }
  expect(text).toContain('Permission is hereby granted');
});

test('a bill of materials names all that is inside with its version and licence', async () => {
  const bom = JSON.parse(await readFile(join(built, 'sbom.cdx.json'), 'utf8'));
  const text = await readFile(join(built, 'THIRD-PARTY.txt'), 'utf8');
  const licensed = [...text.matchAll(/^(\S+ \d+\.\d+\.\d+\S*) \(/gm)].map(([, name]) => name);
  const components: readonly Record<string, unknown>[] = bom.components;

  expect(bom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.5' });
  expect(components.map(({ name, version }) => `${String(name)} ${String(version)}`)).toEqual(licensed);
  expect(components).toContainEqual(
    expect.objectContaining({
      name: 'zod',
      purl: expect.stringMatching(/^pkg:npm\/zod@4\./),
      licenses: [{ expression: 'MIT' }],
    }),
  );
});

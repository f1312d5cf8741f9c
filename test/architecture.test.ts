import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const source = fileURLToPath(new URL('../src', import.meta.url));

/** Which folders a folder may import from. Data flows config → exa → sync → warehouse → analytics; what is above wires. */
const mayKnow: Readonly<Record<string, readonly string[]>> = {
  postgres: [],
  config: ['postgres'],
  sync: [],
  exa: ['sync'],
  warehouse: ['postgres', 'sync'],
  analytics: ['warehouse', 'sync'],
  simulator: [],
  embedded: ['postgres'],
  schedule: ['config', 'exa', 'sync', 'warehouse'],
  app: ['postgres', 'config', 'exa', 'sync', 'warehouse', 'analytics', 'embedded', 'schedule'],
  cli: [
    'postgres',
    'config',
    'exa',
    'sync',
    'warehouse',
    'analytics',
    'simulator',
    'embedded',
    'schedule',
    'app',
  ],
};

interface Import {
  readonly file: string;
  readonly target: string;
  readonly from: string;
  readonly to: string;
}

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(source, file), 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path = '']) => {
    const target = relative(source, join(source, dirname(file), path));
    return { file, target, from: folderOf(file), to: folderOf(target) };
  });
}

function folderOf(file: string): string {
  return file.includes(sep) ? (file.split(sep)[0] ?? '') : '';
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

describe('the structure of the source', () => {
  it('has only the folders that this test knows', () => {
    expect(new Set(files.map(folderOf))).toEqual(new Set(['', ...Object.keys(mayKnow)]));
  });

  it('lets data flow one way', () => {
    const against = files
      .flatMap(importsOf)
      .filter(({ from, to }) => from !== '' && from !== to && !mayKnow[from]?.includes(to))
      .map(({ file, to }) => `${file} imports from ${to}`);
    expect(against).toEqual([]);
  });

  it('has no import circles, not of types either', () => {
    const imports = new Map(files.map((file) => [file, importsOf(file).map(({ target }) => target)]));
    // What imports nothing that is left, or is imported by nothing that is left, is in no circle.
    for (let before = -1; before !== imports.size;) {
      before = imports.size;
      for (const [file, targets] of imports) {
        const isImported = [...imports.values()].some((others) => others.includes(file));
        if (!isImported || !targets.some((target) => imports.has(target))) imports.delete(file);
      }
    }
    expect([...imports.keys()]).toEqual([]);
  });

  it('reads the environment and ends the process in one place', () => {
    const touching = files.filter((file) =>
      /process\.(env|exit)\b/.test(readFileSync(join(source, file), 'utf8')),
    );
    expect(touching).toEqual(['main.ts']);
  });

  it('keeps a room to what a newcomer takes in: about 15 files', () => {
    const sizes = new Map<string, number>();
    for (const room of files.map(dirname)) sizes.set(room, (sizes.get(room) ?? 0) + 1);
    expect([...sizes].filter(([room, size]) => size > 15 && room !== 'simulator')).toEqual([]);
  });

  it('keeps each file to one subject: none is longer than 300 lines', () => {
    const long = files.filter((file) => readFileSync(join(source, file), 'utf8').split('\n').length > 300);
    expect(long).toEqual([]);
  });
});

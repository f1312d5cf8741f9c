/** What the package holds, by its manifest. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { pathOf } from '../deploy/files.ts';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const packedSchema = z
  .array(z.object({ size: z.number(), files: z.array(z.object({ path: z.string() })) }))
  .length(1);

let files: readonly string[];

beforeAll(async () => {
  const { stdout } = await promisify(execFile)(npm, ['pack', '--dry-run', '--ignore-scripts', '--json'], {
    cwd: pathOf('.'),
    shell: process.platform === 'win32',
  });
  files = packedSchema.parse(JSON.parse(stdout)).flatMap((packed) => packed.files.map(({ path }) => path));
});

/** Whether a file or a folder is in the package. */
function has(target: string): boolean {
  const path = target.replace(/\/$/, '');
  return files.some((file) => file === path || file.startsWith(`${path}/`));
}

test('every link of the pages in the package leads to a file in it', async () => {
  const pages = files.filter((file) => file.endsWith('.md'));
  expect(pages).toEqual(
    expect.arrayContaining(['README.md', 'CHANGELOG.md', 'SECURITY.md', 'docs/operations.md']),
  );
  const broken: string[] = [];
  for (const page of pages) {
    const text = (await readFile(pathOf(page), 'utf8')).replaceAll(/^```.*?^```$/gms, '');
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)) {
      if (!has(posix.join(posix.dirname(page), target))) broken.push(`${page}: ${target}`);
    }
  }
  expect(broken).toEqual([]);
});

test('it holds what the pages tell to copy and start, and nothing that only its makers need', () => {
  const told = [
    '.env.example',
    'LICENSE',
    'docker-compose.yml',
    'grafana/dashboards/runs.json',
    'migrations/meta/_journal.json',
  ];
  const deployed = [
    'systemd/exa-monitor-sync.service',
    'kubernetes/cronjob.yaml',
    'github-actions.yml',
    'compose/bi-role.sql',
  ];

  expect([...told, ...deployed.map((name) => `docs/deploy/${name}`)].filter((name) => !has(name))).toEqual(
    [],
  );
  expect(['src', 'test', 'bench', 'node_modules', '.github', '.env'].filter(has)).toEqual([]);
});

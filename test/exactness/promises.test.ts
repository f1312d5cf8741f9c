import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);

function read(path: string): Promise<string> {
  return readFile(fileURLToPath(new URL(path, root)), 'utf8');
}

test('every promise names a test that exists', async () => {
  const page = await read('docs/promises.md');
  const rows = [...page.matchAll(/^\| (.+?) +\| `(test\/.+?)` +\| (.+?) +\|$/gm)];
  expect(rows.length).toBeGreaterThan(30);
  const missing: string[] = [];
  for (const [, promise = '', file = '', title = ''] of rows) {
    const content = await read(file);
    if (!content.includes(`'${title}'`)) missing.push(`${promise}: ${file} has no "${title}"`);
  }
  expect(missing).toEqual([]);
});

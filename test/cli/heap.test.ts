import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const heapModule = fileURLToPath(new URL('../../dist/cli/heap.js', import.meta.url));

/** Makes garbage that lives for a while, as pages do that wait to be stored, and prints the most bytes its heap had. */
const program = `
  const [, slowly] = process.argv;
  if (slowly !== undefined) (await import(slowly)).growHeapSlowly();
  const kept = Array.from({ length: 1000 }, () => []);
  let most = 0;
  for (let turn = 0; turn < 8000; turn += 1) {
    kept[turn % kept.length] = Array.from({ length: 1000 }, (_, index) => ({ turn, index }));
    most = Math.max(most, process.memoryUsage().heapTotal);
  }
  console.log(most);`;

async function mostHeap(...args: string[]): Promise<number> {
  const run = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, ...args]);
  return Number(run.stdout);
}

test('garbage is collected before the heap has grown to a multiple of what lives', async () => {
  const [usual, slow] = await Promise.all([mostHeap(), mostHeap(heapModule)]);
  expect(slow).toBeLessThan(usual * 0.7);
});

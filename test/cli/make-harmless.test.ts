import { expect, it } from 'vitest';
import { makeHarmless } from '../../src/cli/terminal/make-harmless.ts';
import { runCommand } from './command-line.ts';

it('shows what a terminal would obey, and leaves text, tables and line breaks alone', () => {
  expect(makeHarmless('a\u001b[2Jb\u009bc\rd\u0007e\u202ef\u007f')).toBe(
    String.raw`a\u001b[2Jb\u009bc\u000dd\u0007e\u202ef\u007f`,
  );
  const ordinary = 'größer\t✓\n│ 日本 │\n';
  expect(makeHarmless(ordinary)).toBe(ordinary);
});

it('leaves JSON what it is', () => {
  const value = { text: 'a\u001b\u009b\u202e\n"' };
  expect(JSON.parse(makeHarmless(JSON.stringify(value)))).toEqual(value);
});

it('is what errors go through', async () => {
  const { stderr } = await runCommand(['sync', '--since', '\u001b[31myesterday\u009b']);
  expect(stderr).toContain(String.raw`\u001b[31myesterday\u009b`);
  for (const character of ['\u001b', '\u009b']) expect(stderr).not.toContain(character);
});

import { expect, test } from 'vitest';
import { cleanLine, readErrorBody } from '../../src/exa/http/answer-text.ts';

const nested = (open: string, levels: number, close: string, inside = '"no"'): string =>
  open.repeat(levels) + inside + close.repeat(levels);

test.each([
  ['a message', '{"message":"no"}', 'no'],
  ['messages of a validator', '{"message":["a is missing",{"message":"b is"},7,""]}', 'a is missing; b is'],
  ['the words of a gateway', '{"error":{"detail":{"message":"no"}}}', 'no'],
  ['ten levels', nested('{"error":', 10, '}'), 'no'],
  ['eleven levels', nested('{"error":', 11, '}'), ''],
  ['objects without end', nested('{"error":', 50_000, '}'), ''],
  ['lists without end', nested('[', 50_000, ']'), ''],
])('an error answer with %s is read', (_what, body, words) => {
  expect(readErrorBody(body).words).toBe(words);
});

test('tags are taken out of a line', () => {
  expect(cleanLine('<b>no</b> credits <br/>left, 3 < 4', (text) => text)).toBe('no credits left, 3 < 4');
});

test('a megabyte of tags that do not end takes no longer than any other', { timeout: 5000 }, () => {
  expect(cleanLine('<'.repeat(1024 * 1024), (text) => text)).toBe(`${'<'.repeat(200)}…`);
});

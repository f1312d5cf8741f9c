import { expect, test } from 'vitest';
import { copyLine } from '../../src/warehouse/connection/copy-field.ts';

test.each([
  [['a', null, 'b'], 'a\t\\N\tb\n'],
  [[''], '\n'],
  [['\\N'], '\\\\N\n'],
  [['\\.'], '\\\\.\n'],
  [['one\ttwo\nthree\rfour\\'], 'one\\ttwo\\nthree\\rfour\\\\\n'],
  [['ü € 🙂 "\''], 'ü € 🙂 "\'\n'],
])('%j is the line %j', (fields, line) => {
  expect(copyLine(fields)).toBe(line);
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonValue } from '../../src/sync/model.ts';
import { jsonbText } from '../../src/warehouse/monitors/jsonb-text.ts';
import { createTestDatabase } from '../postgres/database.ts';

const unit = fc.constantFrom(...Array.from('aabBz9_- "\\/\n\t\b\u0001\u001F\u007F\u2028é日'), '😀', '');
const text = fc.string({ unit, maxLength: 6 });
const asciiText = fc.string({ unit: fc.constantFrom(...Array.from('abBz9_- ~')), maxLength: 6 });
const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 0.1 + 0.2, 1.5, 1e20, 1e21, 1e-6, 1e-7, 2 ** 60),
);
const json = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    number,
    fc.constantFrom(null, true, false),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof({ arbitrary: asciiText, weight: 9 }, text), tie('value'), { maxKeys: 5 }),
  ),
})).value;

test('is what Postgres prints, where it is certain', async () => {
  const { sql } = await createTestDatabase('empty');
  let certain = 0;
  let all = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(json, { minLength: 50, maxLength: 100 }), async (values) => {
      const printed = await sql<{ text: string }[]>`
        select value::text as text
        from jsonb_array_elements(${JSON.stringify(values)}::text::jsonb) with ordinality order by ordinality`;
      for (const [index, value] of values.entries()) {
        const expected = jsonbText(value);
        all += 1;
        if (expected === null) continue;
        certain += 1;
        expect(printed[index]?.text).toBe(expected);
      }
    }),
    { numRuns: 50 },
  );
  expect(certain / all).toBeGreaterThan(0.5);
});

test.each<[string, JsonValue]>([
  ['numbers with an exponent', [1e21]],
  ['keys beyond ASCII', { é: 1, a: 2 }],
])('%s are left to Postgres', (_what, value) => {
  expect(jsonbText(value)).toBeNull();
});

import { expect, it } from 'vitest';
import { prepareQuestion, queryWithDefaults, type Question } from '../../src/analytics/questions/question.ts';

const question: Question = {
  name: 'slow-runs',
  title: 'Which runs are slow?',
  about: '',
  parameters: {
    days: { type: 'integer', default: 30, about: 'Days.' },
    zone: { type: 'text', default: "it's UTC", about: 'Zone.' },
  },
  sql: `
    select ':'::text, :days, x::numeric
      from y where a < :days and b = :zone`,
};

it('a value goes to the server as a parameter, and the others have their defaults', () => {
  expect(prepareQuestion(question, { days: '7' })).toEqual({
    text: "select ':'::text, $1::integer, x::numeric\n  from y where a < $2::integer and b = $3::text",
    values: [7, 7, "it's UTC"],
  });
});

it('written out for other tools, the defaults stand in the query as literals', () => {
  expect(queryWithDefaults(question)).toContain("a < 30 and b = 'it''s UTC'");
});

it.each([
  [{ days: 'many' }, 'parameter days is "many": expected a whole number'],
  [{ days: '1.5' }, 'parameter days is "1.5": expected a whole number'],
  [{ days: '' }, 'parameter days is "": expected a whole number'],
  [{ weeks: '1' }, 'question slow-runs has no parameter "weeks"; these are: days, zone'],
])('%j is refused with what would be right', (chosen, message) => {
  expect(() => prepareQuestion(question, chosen)).toThrow(message);
});

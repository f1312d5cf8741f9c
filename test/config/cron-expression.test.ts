import * as fc from 'fast-check';
import { createTask, validate } from 'node-cron';
import { describe, expect, it } from 'vitest';
import { createCron } from '../../src/config/create-cron.ts';
import { cronExpression } from '../../src/config/schedule-schemas.ts';

const limits = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;

/** Items of a field, some of them beyond its limits. */
function items(least: number, most: number): fc.Arbitrary<string> {
  const value = fc.integer({ min: least, max: most + 1 });
  const step = fc.integer({ min: 0, max: most + 2 });
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant('*') },
    value.map(String),
    step.map((by) => `*/${by}`),
    fc.tuple(value, value).map(([from, to]) => `${from}-${to}`),
    fc.tuple(value, value, step).map(([from, to, by]) => `${from}-${to}/${by}`),
  );
}

const expressions = fc
  .tuple(
    ...limits.map(([least, most]) =>
      fc.array(items(least, most), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(',')),
    ),
  )
  .map((fields) => fields.join(' '));

function meetsBothDayFields(expression: string): boolean {
  const [, , dayOfMonth = '', , dayOfWeek = ''] = expression.split(' ');
  return dayOfMonth.startsWith('*') || dayOfWeek.startsWith('*');
}

describe('SYNC_CRON', () => {
  it('takes only what fires, and fires when the service thinks that it does', () => {
    let accepted = 0;
    fc.assert(
      fc.property(expressions, (expression) => {
        if (!cronExpression().safeParse(expression).success) return;
        accepted += 1;
        expect(validate(expression)).toBe(true);
        const fires = createTask(expression, () => undefined, { timezone: 'Etc/UTC' }).getNextRuns(3);
        const computed = createCron(expression, 'Etc/UTC').nextRuns(3);
        // With two restricted day fields node-cron wants both to be met.
        if (!meetsBothDayFields(expression)) return;
        expect(fires.map((date) => date.toISOString())).toEqual(computed.map((date) => date.toISOString()));
      }),
      { seed: 1, numRuns: 400 },
    );
    expect(accepted).toBeGreaterThan(50);
  });

  it.each([
    '*/15 * * * *',
    '0 9-17 * * mon-fri',
    '30 0 6 * * *',
    '  0   6 *  * * ',
    '5,35 */2 1-15/3 jan,jul 0',
  ])('takes %j', (expression) => {
    expect(cronExpression().safeParse(expression).success).toBe(true);
  });

  it.each([
    '',
    'every day',
    '@hourly',
    '* * * *',
    '* * * * * * *',
    '60 * * * *',
    '*/0 * * * *',
    '5/15 * * * *',
    '0 0 L * *',
    '0 0 15W * *',
    '0 0 * * 5#2',
    '0 0 ? * 1',
    '0 0 30 2 *',
    '0 0 * * xyz',
  ])('does not take %j', (expression) => {
    expect(cronExpression().safeParse(expression).success).toBe(false);
  });
});

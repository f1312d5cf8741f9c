import { expect, test } from 'vitest';
import { createRetryBudget } from '../../src/exa/http/retry.ts';
import type { RetryBudget } from '../../src/exa/http/retry.ts';

function drain(budget: RetryBudget): number {
  let retries = 0;
  while (budget.withdraw()) retries += 1;
  return retries;
}

test('an outage from the start costs 50 retries', () => {
  expect(drain(createRetryBudget())).toBe(50);
});

test('five requests that succeed at once allow one more retry', () => {
  const budget = createRetryBudget();
  drain(budget);
  for (let success = 0; success < 4; success += 1) budget.deposit();
  expect(budget.withdraw()).toBe(false);
  budget.deposit();
  expect(drain(budget)).toBe(1);
});

test('a long good time does not buy an endless outage', () => {
  const budget = createRetryBudget();
  for (let success = 0; success < 100_000; success += 1) budget.deposit();
  expect(drain(budget)).toBe(200);
});

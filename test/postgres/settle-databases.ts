/** Setup file of the tests that need Postgres: cleans up after each of them. */
import { type RunnerTask, afterAll } from 'vitest';
import { settleTestDatabases } from './database.ts';

// The first argument holds fixtures, of which there are none.
// oxlint-disable-next-line no-empty-pattern
afterAll(async ({}, file) => {
  await settleTestDatabases(hasFailed(file));
});

function hasFailed(task: Readonly<RunnerTask>): boolean {
  return task.result?.state === 'fail' || (task.type === 'suite' && task.tasks.some(hasFailed));
}

import { expect, test } from 'vitest';
import type { PageToSave } from '../../src/sync/ports.ts';
import { mayJoinPages } from '../../src/warehouse/runs/save-pages.ts';
import { pageOf, someRun } from './pages.ts';

function ids(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `${prefix}${n}`);
}

function page(monitorId: string, runIds: readonly string[]): PageToSave {
  return pageOf(
    runIds.map((id) => someRun({ id, monitorId })),
    { monitorId },
  );
}

test('pages of different monitors may be saved together', () => {
  expect(mayJoinPages([page('a', ['1']), page('b', ['2'])], page('c', ['3']))).toBe(true);
});

test('two pages of one monitor may not: the second would be claimed before the first is stored', () => {
  expect(mayJoinPages([page('a', ['1'])], page('a', ['2']))).toBe(false);
});

test('a run that the API lists under two monitors keeps their pages apart', () => {
  expect(mayJoinPages([page('a', ['1', '2'])], page('b', ['2']))).toBe(false);
});

test('a group ends at a thousand rows', () => {
  expect(mayJoinPages([page('a', ids('a', 800))], page('b', ids('b', 200)))).toBe(true);
  expect(mayJoinPages([page('a', ids('a', 801))], page('b', ids('b', 200)))).toBe(false);
});

import { expect, it } from 'vitest';
import { PageGuard, PagingError } from '../../src/sync/page-guard.ts';

const more = (nextCursor: string | null) => ({ hasMore: true, nextCursor });

it('follows cursors to the end of the list', () => {
  const guard = new PageGuard('runs of monitor m', null);
  expect(guard.next(more('a'), ['1'])).toBe('a');
  expect(guard.next(more('b'), ['2'])).toBe('b');
  expect(guard.next({ hasMore: false, nextCursor: 'ignored' }, ['3'])).toBeNull();
});

it('refuses to go on without a cursor', () => {
  expect(() => new PageGuard('runs of monitor m', null).next(more(null), ['1'])).toThrow(PagingError);
});

it('refuses a cursor that was used before, not only the last one', () => {
  const guard = new PageGuard('runs of monitor m', 'start');
  guard.next(more('a'), ['1']);
  guard.next(more('b'), ['2']);
  expect(() => guard.next(more('a'), ['3'])).toThrow(/second time/);
  expect(() => new PageGuard('runs of monitor m', 'start').next(more('start'), ['1'])).toThrow(/second time/);
});

it.each([1, 2, 3, 7, 50])('finds a list that starts over every %i pages under fresh cursors', (period) => {
  const guard = new PageGuard('runs of monitor m', null);
  const read = (page: number) => guard.next(more(`cursor-${page}`), [`run-${page % period}`]);
  expect(() => {
    for (let page = 0; page < 10 * period + 10; page += 1) read(page);
  }).toThrow(/starts over/);
});

it('lets rows shift into the next page', () => {
  const guard = new PageGuard('runs of monitor m', null);
  guard.next(more('a'), ['1', '2', '3']);
  expect(guard.next(more('b'), ['1', '2', '4'])).toBe('b');
});

it('allows a few empty pages and refuses an endless row of them', () => {
  const guard = new PageGuard('runs of monitor m', null);
  for (let page = 0; page < 20; page += 1) guard.next(more(`cursor-${page}`), []);
  expect(() => guard.next(more('cursor-20'), [])).toThrow(/empty pages/);
});

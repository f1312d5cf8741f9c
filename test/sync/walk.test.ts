/** What a walk asks for and what it leaves. */
import { describe, expect, test } from 'vitest';
import { someWalk } from '../builders/some-checkpoint.ts';
import { runOf, startedAt, walkedBefore, walkOver } from './walk-over.ts';

test('an incremental walk stops at covered ground', async () => {
  const { asked } = await walkOver({ pages: [[10, 9], [8, 7], [6]] });
  expect(asked).toEqual(['page at the top']);
});

test('rows that an insertion pushed over the edge of a page are no violation of the order', async () => {
  const { asked, saved } = await walkOver({
    pages: [[14, 13, 12], [13, 12, 11], [10, 9], [8, 7], [6]],
  });
  expect(asked).toEqual(['page at the top', 'page 1', 'page 2']);
  expect(saved.at(-1)?.progress).toMatchObject({ state: 'finished', kind: 'incremental' });
});

test('a violated order turns the walk into a full one', async () => {
  const { asked, saved } = await walkOver({ pages: [[12, 11], [13, 8], [7, 6], [5]] });
  expect(asked).toEqual(['page at the top', 'page 1', 'page 2', 'page 3']);
  expect(saved.map(({ missingBetween }) => missingBetween !== null)).toEqual([true, false, false, false]);
  expect(saved.at(-1)?.progress).toMatchObject({ kind: 'full', stopReason: 'end_of_list' });
});

const interrupted = someWalk({
  kind: 'full',
  cursor: '1',
  mark: runOf(13).createdAt,
  stopAt: null,
  descending: false,
  oldestCreatedAt: runOf(12).createdAt,
  newestRun: runOf(13),
  pages: 1,
  startedAt,
});

test('a walk that met a violated order goes on as a full one after an interruption, and looks for nothing', async () => {
  const { asked, saved } = await walkOver({
    // The rest of the list looks as if it were in order.
    pages: [[12, 13], [11, 10], [9, 8], [7, 6], [5]],
    checkpoint: { ...walkedBefore, unfinishedWalk: interrupted },
    decision: 'resume',
  });
  const rest = ['page 1', 'page 2', 'page 3', 'page 4'];
  expect(asked.slice(0, 4)).toEqual(rest);
  expect(saved.slice(0, 4).map(({ missingBetween }) => missingBetween)).toEqual([null, null, null, null]);
  expect(saved[1]?.progress).toMatchObject({ walk: { kind: 'full', stopAt: null, descending: false } });
  expect(saved[3]?.progress).toMatchObject({ kind: 'full', stopReason: 'end_of_list' });
  // What came since it began.
  expect(asked.slice(4)).toEqual(['page at the top', ...rest]);
});

test('what is missing on a page is asked for until one of it is there', async () => {
  const { asked, absent } = await walkOver({
    pages: [[10, 9], [8]],
    missing: [['gone', 'hidden', 'unknown', 'unknown too']],
    hidden: ['hidden'],
  });
  expect(asked).toEqual(['page at the top', 'gone', 'hidden', 'page 1']);
  expect(absent).toEqual(['gone']);
});

test('each page is asked for what it misses', async () => {
  const { asked, absent } = await walkOver({
    pages: [[8, 7], [6]],
    decision: 'full',
    missing: [['hidden', 'unknown'], ['gone']],
    hidden: ['hidden'],
  });
  expect(asked).toEqual(['page at the top', 'hidden', 'page 1', 'gone']);
  expect(absent).toEqual(['gone']);
});

/** A walk that is resumed and ends at a broken page. @returns whether its cursor was forgotten. */
async function failAt(brokenPage: number, failuresBefore: number): Promise<boolean> {
  const { failure, forgotten } = await walkOver({
    pages: [
      [13, 12],
      [11, 10],
      [9, 8],
    ],
    checkpoint: { ...walkedBefore, unfinishedWalk: interrupted, consecutiveFailures: failuresBefore },
    decision: 'resume',
    brokenPage,
  });
  expect(failure).not.toBeNull();
  return forgotten;
}

describe('a stored cursor', () => {
  test('that leads nowhere is given up at the 4th, 8th, 16th … failure in a row', async () => {
    const givenUpAt: number[] = [];
    for (let failure = 1; failure <= 32; failure += 1) {
      if (await failAt(1, failure - 1)) givenUpAt.push(failure);
    }
    expect(givenUpAt).toEqual([4, 8, 16, 32]);
  });

  test('is kept when the walk got further before it failed', async () => {
    expect(await failAt(2, 3)).toBe(false);
  });
});

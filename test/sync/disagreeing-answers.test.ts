/** Answers that contradict each other, and lists that cannot be trusted: what a walk makes of them. */
import { describe, expect, test } from 'vitest';
import type { Run } from '../../src/sync/model.ts';
import { someWalk } from '../builders/some-checkpoint.ts';
import { completedRun, someRun } from '../builders/some-run.ts';
import { runOf, walkedBefore, walkOver } from './walk-over.ts';

describe('a page that lacks the run that the listing of the same cycle names', () => {
  const listed = { lastRun: runOf(11) };

  test('is read again, and good once it shows it', async () => {
    const { asked, failure } = await walkOver({
      pages: [[10, 9], [8]],
      pagesLater: [[11, 10, 9], [8]],
      listed,
      hidden: [runOf(11)],
    });
    expect(asked).toEqual(['page at the top', 'r11', 'page at the top']);
    expect(failure).toBeNull();
  });

  test('is a failure of its monitor while the API has the run and the list does not show it', async () => {
    const { failure } = await walkOver({ pages: [[10, 9], [8]], listed, hidden: [runOf(11)] });
    expect(failure).toContain('the list does not show run r11');
  });

  test('is believed when the API does not have the run', async () => {
    const { asked, failure, absent } = await walkOver({ pages: [[10, 9], [8]], listed });
    expect(asked).toEqual(['page at the top', 'r11']);
    expect({ failure, absent }).toEqual({ failure: null, absent: [] });
  });

  test('costs nothing when the listing lags behind', async () => {
    const { asked } = await walkOver({ pages: [[11, 10, 9], [8]], listed: { lastRun: runOf(10) } });
    expect(asked).toEqual(['page at the top']);
  });
});

describe('a page that shows the run that the listing names in an older state', () => {
  const older: Run = { ...runOf(11), status: 'running', completedAt: null };
  const newer: Run = { ...runOf(11), updatedAt: '2026-03-11T06:05:00.000Z' };
  const lagging = { pages: [[older, 10, 9], [8]], listed: { lastRun: newer }, hidden: [newer] };

  test('is read again', async () => {
    const { asked, failure } = await walkOver({ ...lagging, pagesLater: [[newer, 10, 9], [8]] });
    expect(asked).toEqual(['page at the top', 'r11', 'page at the top']);
    expect(failure).toBeNull();
  });

  test('is a failure of its monitor while it stays so', async () => {
    expect((await walkOver(lagging)).failure).toContain('its answers disagree');
  });

  test('is believed when the API agrees with it', async () => {
    expect((await walkOver({ ...lagging, hidden: [older] })).failure).toBeNull();
  });
});

test('a final run that a page shows as open again, and older, is asked for by id', async () => {
  const { asked } = await walkOver({ pages: [[10, 9], [8]], reopened: [['r10']], hidden: ['r10'] });
  expect(asked).toEqual(['page at the top', 'r10']);
});

describe('a page that shows a final run as open again, and older', () => {
  const reopened = { pages: [[10, 9], [8]], reopened: [['r10']] };

  test('is from a server that lags behind when the run is final: the monitor is looked at again', async () => {
    expect((await walkOver({ ...reopened, hidden: ['r10'] })).looksAgain).toBe(true);
  });

  test('is right when the run is open: nothing is looked at again', async () => {
    const open = someRun({ id: 'r10', createdAt: runOf(10).createdAt });
    expect((await walkOver({ ...reopened, hidden: [open] })).looksAgain).toBe(false);
  });
});

test('a run that is gone leaves nothing to be looked at again', async () => {
  const { looksAgain, absent } = await walkOver({ pages: [[10, 9]], missing: [['gone']] });
  expect({ looksAgain, absent }).toEqual({ looksAgain: false, absent: ['gone'] });
});

describe('a list that does not show what its runs found', () => {
  const pages = [[10, 9], [8]];

  test('has each completed run asked for of which no output is stored', async () => {
    const { asked, saved, savedRuns } = await walkOver({ pages, outputsStored: ['r9'], hidden: [runOf(10)] });
    expect(asked).toEqual(['page at the top', 'r10']);
    expect(saved).toHaveLength(1);
    // Asked again it would say the same: that it found nothing is stored.
    expect(savedRuns).toMatchObject([{ id: 'r10', output: { content: null, results: [] } }]);
  });

  test('costs a cycle a bounded number of requests', async () => {
    const { asked } = await walkOver({
      pages,
      outputsStored: [],
      outputsToAsk: 1,
      hidden: [runOf(10), runOf(9)],
    });
    expect(asked).toEqual(['page at the top', 'r10']);
  });

  test('has no run asked for where runs carry nothing', async () => {
    expect((await walkOver({ pages })).asked).toEqual(['page at the top']);
  });
});

describe('a list whose order is refuted by a run that the API has and that its page lacks', () => {
  const refuted = { pages: [[10, 9], [8, 7], [6]], missing: [['hidden']], hidden: ['hidden'] };

  test('is read to its end, and looked at again', async () => {
    const { asked, saved, looksAgain } = await walkOver(refuted);
    expect(asked).toEqual(['page at the top', 'hidden', 'page 1', 'page 2']);
    expect(looksAgain).toBe(true);
    expect(saved.at(-1)?.progress).toMatchObject({
      stopReason: 'end_of_list',
      kind: 'full',
      checkpoint: { rose: true },
    });
  });

  test('is read whole from then on', async () => {
    const { asked } = await walkOver({
      pages: refuted.pages,
      checkpoint: { ...walkedBefore, rose: true },
    });
    expect(asked).toEqual(['page at the top', 'page 1', 'page 2']);
  });

  test('is looked at again when it is empty by mistake', async () => {
    const { looksAgain, absent } = await walkOver({ pages: [[]], missing: [['hidden']], hidden: ['hidden'] });
    expect({ looksAgain, absent }).toEqual({ looksAgain: true, absent: [] });
  });
});

describe('a cursor whose text is the same for every position', () => {
  const pages = [
    [10, 9],
    [8, 7],
    [6, 5],
  ];

  test('leaves nothing to go on from', async () => {
    const { failure, forgotten } = await walkOver({
      pages,
      checkpoint: null,
      decision: 'full',
      cursor: 'same',
    });
    expect(failure).toContain('a cursor a second time');
    expect(forgotten).toBe(true);
  });
});

describe('an unfinished walk', () => {
  const begun = someWalk({
    cursor: '1',
    mark: runOf(10).createdAt,
    oldestCreatedAt: runOf(9).createdAt,
    newestRun: runOf(10),
  });
  const pages = [
    [10, 9],
    [8, 7],
  ];

  test('starts again when its cursor was made with pages of another size', async () => {
    const checkpoint = { ...walkedBefore, unfinishedWalk: begun };
    const { asked, forgotten } = await walkOver({ pages, checkpoint, decision: 'resume', pageSize: 2 });
    expect(asked).toEqual(['page at the top', 'page 1']);
    expect(forgotten).toBe(true);
  });

  test('asks for the open runs that its rest has shown: the cursor may pin the list as it was', async () => {
    const pinned = someRun({ id: 'pinned', createdAt: runOf(8).createdAt });
    const { asked } = await walkOver({
      pages: [
        [10, 9],
        [pinned, 7],
      ],
      checkpoint: { ...walkedBefore, unfinishedWalk: begun },
      decision: 'resume',
      hidden: ['pinned'],
    });
    expect(asked).toEqual(['page 1', 'page at the top', 'pinned']);
  });

  test('does not ask for those that the top has shown since', async () => {
    const shown = someRun({ id: 'shown', createdAt: runOf(8).createdAt });
    const { asked } = await walkOver({
      pages: [[10, 9, shown], [shown]],
      checkpoint: { ...walkedBefore, unfinishedWalk: begun },
      decision: 'resume',
    });
    expect(asked).toEqual(['page 1', 'page at the top']);
  });
});

test('a run created at the instant at which a page ends is looked for on the next one', async () => {
  const tie = runOf(9).createdAt;
  const { saved } = await walkOver({
    pages: [[10, completedRun('on the edge', tie)], [8], [7]],
    decision: 'full',
  });
  expect(saved[1]?.missingBetween).toEqual({
    oldest: runOf(8).createdAt,
    newest: tie,
    shownBefore: ['on the edge'],
  });
});

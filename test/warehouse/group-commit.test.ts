import { expect, test } from 'vitest';
import { GroupCommit } from '../../src/warehouse/connection/group-commit.ts';

/** Groups of at most three, written when the test says so. */
function openGate(writers = 1) {
  const groups: (readonly number[])[] = [];
  const releases: ((error?: Error) => void)[] = [];
  const commits = new GroupCommit<number, string>({
    writers,
    mayJoin: (group) => group.length < 3,
    write: (group) => {
      groups.push(group);
      return new Promise((resolve, reject) => {
        releases.push((error) => (error === undefined ? resolve(group.map(String)) : reject(error)));
      });
    },
  });
  return { commits, groups, release: (error?: Error) => releases.shift()?.(error) };
}

test('what comes while a writer is free is written at once', () => {
  const { commits, groups } = openGate();
  void commits.save(1);
  expect(groups).toEqual([[1]]);
});

test('what comes while the writer is busy is written together, in order and within the bound', async () => {
  const { commits, groups, release } = openGate();
  const saved = Promise.all([1, 2, 3, 4, 5].map((item) => commits.save(item)));
  release();
  await expect.poll(() => groups).toEqual([[1], [2, 3, 4]]);
  release();
  await expect.poll(() => groups).toEqual([[1], [2, 3, 4], [5]]);
  release();
  expect(await saved).toEqual(['1', '2', '3', '4', '5']);
});

test('as many groups as writers are under way', () => {
  const { commits, groups } = openGate(2);
  for (const item of [1, 2, 3]) void commits.save(item);
  expect(groups).toEqual([[1], [2]]);
});

test('an item is not saved before its group is', async () => {
  const { commits, release } = openGate();
  let saved = false;
  const done = (async () => {
    await commits.save(1);
    saved = true;
  })();
  await Promise.resolve();
  expect(saved).toBe(false);
  release();
  await done;
  expect(saved).toBe(true);
});

test('a failed group fails all of its items and none of the next group', async () => {
  const { commits, groups, release } = openGate();
  const results = Promise.allSettled([1, 2, 3].map((item) => commits.save(item)));
  release();
  await expect.poll(() => groups).toHaveLength(2);
  release(new Error('refused'));
  const later = commits.save(4);
  await expect.poll(() => groups).toHaveLength(3);
  release();
  expect(await later).toBe('4');
  expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
});

import { expect, test } from 'vitest';
import { listMonitors } from '../../src/sync/listing/list-monitors.ts';
import type { Monitor } from '../../src/sync/model.ts';
import { PagingError } from '../../src/sync/page-guard.ts';
import type { MonitorPage, MonitorSource } from '../../src/sync/ports.ts';
import { someMonitor } from '../builders/some-monitor.ts';

const monitor = (id: string): Monitor => someMonitor({ id });

interface Served {
  readonly source: Pick<MonitorSource, 'listMonitors'>;
  /** `page 1 asked` when the request leaves. */
  readonly log: string[];
}

/** A listing of two monitors a page: m1 and m2, m3 and m4, … `change` lays something over a page. */
function listing(pages: number, change: (page: number) => Partial<MonitorPage> = () => ({})): Served {
  const log: string[] = [];
  return {
    log,
    source: {
      listMonitors: async (cursor) => {
        const page = Number(cursor ?? 1);
        // On its way through queues and budgets a request is passed on from promise to promise.
        for (let step = 0; step < 30; step += 1) await Promise.resolve();
        log.push(`page ${page} asked`);
        return {
          hasMore: page < pages,
          nextCursor: page < pages ? String(page + 1) : null,
          monitors: [monitor(`m${page * 2 - 1}`), monitor(`m${page * 2}`)],
          unreadable: [],
          ...change(page),
        };
      },
    },
  };
}

const save = () => Promise.resolve();

test('the next page is asked for while a page is saved', async () => {
  const { source, log } = listing(3);
  const { monitors, complete, pages } = await listMonitors(source, null, async (page) => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    log.push(`${page[0]?.id} saved`);
  });
  expect(log.slice(0, 3)).toEqual(['page 1 asked', 'page 2 asked', 'page 3 asked']);
  expect(log.slice(3).toSorted()).toEqual(['m1 saved', 'm3 saved', 'm5 saved']);
  expect(monitors.map(({ id }) => id)).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6']);
  expect({ complete, pages }).toEqual({ complete: true, pages: 3 });
});

test('what only the store needs of a monitor is not kept once it is saved', async () => {
  const saved: Monitor[] = [];
  const { monitors } = await listMonitors(listing(1).source, null, async (page) => void saved.push(...page));
  expect(saved[0]).toEqual(monitor('m1'));
  const { id, status, lastRun, nextRunAt, createdAt } = monitor('m1');
  expect(monitors[0]).toEqual({ id, status, lastRun, nextRunAt, createdAt });
});

test.each([
  [['m1'], 1],
  [['m1', 'm4'], 2],
  [['m6'], 3],
  [['m7'], 3],
])('among wanted monitors %j costs %i of three requests', async (wanted, requests) => {
  const { source, log } = listing(3);
  const { monitors, complete } = await listMonitors(source, new Set(wanted), save);
  expect(log.filter((entry) => entry.endsWith('asked'))).toHaveLength(requests);
  expect(monitors.map(({ id }) => id)).toEqual(wanted.filter((id) => id !== 'm7'));
  expect(complete).toBe(requests === 3);
});

test.each([
  ['of all monitors', null, 3],
  ['of a wanted one', new Set(['m100']), 2],
])('once a page %s could not be saved, no further one is asked for', async (_what, wanted, most) => {
  const { source, log } = listing(50);
  const lost = new Error('the database is gone');
  const failing = listMonitors(source, wanted, () => Promise.reject(lost));
  await expect(failing).rejects.toBe(lost);
  expect(log.filter((entry) => entry.endsWith('asked')).length).toBeLessThanOrEqual(most);
});

test.each([
  ['more, and no cursor', 4, { hasMore: true, nextCursor: null }],
  ['a cursor a second time', 4, { nextCursor: '2' }],
  ['its rows again', 4, { monitors: [monitor('m3')] }],
])(
  'a listing with %s ends after %i requests, and nothing goes on after it',
  async (_what, requests, change) => {
    const { source, log } = listing(9, (page) => (page === 4 ? change : {}));
    let underWay = 0;
    const slow = async (): Promise<void> => {
      underWay += 1;
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
      underWay -= 1;
    };
    await expect(listMonitors(source, null, slow)).rejects.toBeInstanceOf(PagingError);
    expect(underWay).toBe(0);
    expect(log.filter((entry) => entry.endsWith('asked'))).toHaveLength(requests);
  },
);

test.each([
  ['of all monitors', null],
  ['of one that it does not have', new Set(['none'])],
])('a listing without end %s ends all the same', async (_what, wanted) => {
  const { source, log } = listing(Infinity, (page) => ({
    monitors: Array.from({ length: 1000 }, (_, index) => monitor(`m${page * 1000 + index}`)),
  }));
  await expect(listMonitors(source, wanted, save)).rejects.toThrow(
    'the listing has no end: more than 100000',
  );
  expect(log).toHaveLength(101);
});

test('a page that does not come ends the listing after what was read has been saved', async () => {
  const gone = new Error('the API is gone');
  const { source } = listing(3);
  const saved: string[] = [];
  const failing: Served['source'] = {
    listMonitors: (cursor) => (cursor === '2' ? Promise.reject(gone) : source.listMonitors(cursor)),
  };
  const saveSlowly = async (monitors: readonly Monitor[]): Promise<void> => {
    await new Promise(setImmediate);
    saved.push(...monitors.map(({ id }) => id));
  };
  await expect(listMonitors(failing, null, saveSlowly)).rejects.toBe(gone);
  expect(saved).toEqual(['m1', 'm2']);
});

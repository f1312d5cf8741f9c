import { expect, test } from 'vitest';
import { listMonitors } from '../../src/sync/list-monitors.ts';
import type { Monitor } from '../../src/sync/model.ts';
import { PagingError } from '../../src/sync/page-guard.ts';
import type { KnownListing, KnownPage, MonitorPage, MonitorSource } from '../../src/sync/ports.ts';

function monitor(id: string): Monitor {
  const instant = '2026-01-01T00:00:00Z';
  return {
    id,
    websetId: 'w',
    status: 'enabled',
    cadenceCron: '',
    cadenceTimezone: '',
    behavior: {},
    metadata: {},
    lastRun: null,
    nextRunAt: null,
    createdAt: instant,
    updatedAt: instant,
    extra: null,
  };
}

interface Served {
  readonly source: Pick<MonitorSource, 'listMonitors'>;
  /** `page 1 asked` when the request leaves, and `page 1 read` when the records of a page were first looked at. */
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
          get monitors() {
            if (log.at(-1) !== `page ${page} read`) log.push(`page ${page} read`);
            return [monitor(`m${page * 2 - 1}`), monitor(`m${page * 2}`)];
          },
          unreadable: [],
          digest: `digest of page ${page}`,
          size: 1000,
          ...change(page),
        };
      },
    },
  };
}

const save = () => Promise.resolve();

test('the next page is asked for before the records of a page are looked at', async () => {
  const { source, log } = listing(3);
  const { monitors, complete, pages } = await listMonitors(source, null, save);
  expect(log).toEqual([
    'page 1 asked',
    'page 2 asked',
    'page 1 read',
    'page 3 asked',
    'page 2 read',
    'page 3 read',
  ]);
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
  // The request that is under way while the rows are looked at is too much.
  ['its rows again', 5, { monitors: [monitor('m3')] }],
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

/** The listing of three pages, as an earlier cycle has read it. */
const knownListing: KnownListing = {
  monitors: 6,
  pages: [
    { digest: 'digest of page 1', nextCursor: '2' },
    { digest: 'digest of page 2', nextCursor: '3' },
    { digest: 'digest of page 3', nextCursor: null },
  ],
};
const known = Promise.resolve(knownListing);

test('of a listing that is page for page the known one no record is looked at, and nothing is saved', async () => {
  const { source, log } = listing(3);
  const result = await listMonitors(source, null, () => Promise.reject(new Error('saved')), known);
  expect(log).toEqual(['page 1 asked', 'page 2 asked', 'page 3 asked']);
  expect(result).toEqual({
    monitors: [],
    unreadable: [],
    complete: true,
    isKnown: true,
    pages: 3,
    knownBy: knownListing.pages,
  });
});

test('each page is asked for with what it is expected to be, until one is another', async () => {
  const { source } = listing(3, (page) => (page === 2 ? { digest: 'another' } : {}));
  const expected: (KnownPage | undefined)[] = [];
  const watched: Served['source'] = {
    listMonitors: (cursor, page) => {
      expected.push(page);
      return source.listMonitors(cursor);
    },
  };
  await listMonitors(watched, null, save, known);
  // The first one is asked for while that is still being found out.
  expect(expected).toEqual([undefined, knownListing.pages[1], undefined]);
});

test.each([
  ['first', 1, 3],
  ['second', 2, 3],
  ['last', 3, 3],
])(
  'when the %s page is another, all are read, in their order and each once',
  async (_which, other, pages) => {
    const { source } = listing(pages, (page) => (page === other ? { digest: 'another' } : {}));
    const saved: string[][] = [];
    const result = await listMonitors(
      source,
      null,
      async (page) => void saved.push(page.map(({ id }) => id)),
      known,
    );
    expect(saved).toEqual([
      ['m1', 'm2'],
      ['m3', 'm4'],
      ['m5', 'm6'],
    ]);
    expect(result.monitors.map(({ id }) => id)).toEqual(saved.flat());
    expect(result).toMatchObject({ isKnown: false, complete: true });
    expect(result.knownBy?.map(({ digest }) => digest)).toContain('another');
  },
);

test('the same digests in another order are another listing', async () => {
  const swapped = [2, 1, 3].map((page) => `digest of page ${page}`);
  const { source } = listing(3, (page) => ({ digest: swapped[page - 1] ?? '' }));
  expect(await listMonitors(source, null, save, known)).toMatchObject({ isKnown: false });
});

test('a listing that goes on after the known pages is read whole', async () => {
  const shorter = { monitors: 4, pages: knownListing.pages.slice(0, 2) };
  const { monitors, isKnown } = await listMonitors(listing(3).source, null, save, Promise.resolve(shorter));
  expect(monitors).toHaveLength(6);
  expect(isKnown).toBe(false);
});

test('without a known listing none is recognized', async () => {
  expect(await listMonitors(listing(1).source, null, save)).toMatchObject({ isKnown: false, pages: 1 });
});

test('a listing of more than 32 MiB is not to be known again: its pages would have to be held', async () => {
  const half = 16 * 1024 * 1024;
  for (const [size, knownBy] of [
    [
      half,
      knownListing.pages.slice(0, 2).map(({ digest }, index) => ({ digest, nextCursor: ['2', null][index] })),
    ],
    [half + 1, null],
  ] as const) {
    const { source } = listing(2, () => ({ size }));
    expect(await listMonitors(source, null, save)).toMatchObject({ knownBy });
  }
});

test('pages that were held are watched for repetition as well', async () => {
  const long: KnownListing = {
    monitors: 16,
    pages: Array.from({ length: 8 }, (_, index) => ({
      digest: `digest of page ${index + 1}`,
      nextCursor: index === 7 ? null : String(index + 2),
    })),
  };
  const { source } = listing(8, (page) => ({
    ...(page === 4 ? { monitors: [monitor('m3')] } : {}),
    ...(page === 6 ? { digest: 'another' } : {}),
  }));
  await expect(listMonitors(source, null, save, Promise.resolve(long))).rejects.toBeInstanceOf(PagingError);
});

test('the first page is asked for at once, and what it fails with is what ends the listing', async () => {
  const gone = new Error('the API is gone');
  let asked = 0;
  const failing: Served['source'] = {
    listMonitors: () => {
      asked += 1;
      return Promise.reject(gone);
    },
  };
  const late = new Promise<KnownListing>((resolve) => {
    setTimeout(() => resolve(knownListing), 20);
  });
  const listed = listMonitors(failing, null, save, late);
  expect(asked).toBe(1);
  await expect(listed).rejects.toBe(gone);
});

test('what the known listing cannot be told for ends the listing, after the request under way', async () => {
  const lost = new Error('the database is gone');
  const { source, log } = listing(3);
  await expect(listMonitors(source, null, save, Promise.reject(lost))).rejects.toBe(lost);
  expect(log).toEqual(['page 1 asked']);
});

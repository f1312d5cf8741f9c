/** What the engine relies on, whatever is behind a source. */
import { describe, expect, test } from 'vitest';
import {
  CursorRefusedError,
  SkipMonitorError,
  SourceUnavailableError,
  StopCycleError,
} from '../../src/sync/errors.ts';
import { compareInstants, type Run } from '../../src/sync/model.ts';
import type { MonitorSource, Paging, SourceTraits } from '../../src/sync/ports.ts';

export type Trouble = 'none' | 'cursor refused' | 'question refused' | 'key refused' | 'not in the plan';

/** Three monitors; the newest, `busy`, has five completed runs, and `idle` has none. Pages are of two rows. */
export interface SourceWorld {
  readonly source: MonitorSource;
  readonly busy: string;
  readonly idle: string;
  readonly monitorIds: readonly string[];
  /** Of `busy`, the newest first. */
  readonly runIds: readonly string[];
  /** What every question meets from now on. */
  readonly meet: (trouble: Trouble) => void;
}

export const rowsOfPage = 2;

async function readAll<T extends Paging>(ask: (cursor: string | null) => Promise<T>): Promise<readonly T[]> {
  const pages: T[] = [];
  for (let cursor: string | null = null; pages.length < 10;) {
    const page: T = await ask(cursor);
    pages.push(page);
    if (!page.hasMore) break;
    cursor = page.nextCursor;
  }
  return pages;
}

async function runsOf({ source, busy }: SourceWorld): Promise<readonly Run[]> {
  return (await readAll((cursor) => source.listRuns(busy, cursor))).flatMap(({ runs }) => runs);
}

export function describeMonitorSource(
  name: string,
  traits: SourceTraits,
  open: () => Promise<SourceWorld>,
): void {
  describe(`the source of ${name}`, () => {
    test('says what it can do', async () => {
      expect((await open()).source.traits).toEqual(traits);
    });

    test('lists each monitor once, on pages that are never larger than it says', async () => {
      const { source, monitorIds } = await open();
      const pages = await readAll((cursor) => source.listMonitors(cursor));
      expect(pages.map(({ monitors }) => monitors.length)).toEqual([2, 1]);
      expect(pages.at(-1)).toMatchObject({ hasMore: false, nextCursor: null, unreadable: [] });
      const listed = pages.flatMap(({ monitors }) => monitors.map(({ id }) => id));
      expect(listed.toSorted()).toEqual(monitorIds.toSorted());
    });

    test('lists each run of a monitor once, on pages that are never larger than it says', async () => {
      const { source, busy, runIds } = await open();
      const pages = await readAll((cursor) => source.listRuns(busy, cursor));
      expect(pages.map(({ runs }) => runs.length)).toEqual([2, 2, 1]);
      expect(pages.at(-1)).toMatchObject({ hasMore: false, nextCursor: null, rejected: [] });
      const listed = pages.flatMap(({ runs }) => runs);
      expect(listed.map(({ id }) => id).toSorted()).toEqual(runIds.toSorted());
      expect(new Set(listed.map(({ monitorId }) => monitorId))).toEqual(new Set([busy]));
    });

    test('the list of a monitor without runs is one empty page', async () => {
      const { source, idle } = await open();
      expect(await source.listRuns(idle, null)).toMatchObject({ runs: [], hasMore: false, nextCursor: null });
    });

    test('a cursor is good for a second reading', async () => {
      const { source, busy } = await open();
      const { nextCursor } = await source.listRuns(busy, null);
      const [once, twice] = [
        await source.listRuns(busy, nextCursor),
        await source.listRuns(busy, nextCursor),
      ];
      expect(twice.runs).toEqual(once.runs);
    });

    test('a monitor that is asked for by id is the listed one, and null when there is none', async () => {
      const { source, busy } = await open();
      const listed = (await readAll((cursor) => source.listMonitors(cursor))).flatMap(
        (page) => page.monitors,
      );
      expect(await source.getMonitor(busy)).toEqual(listed.find(({ id }) => id === busy));
      expect(await source.getMonitor('nobody')).toBeNull();
    });

    test('a run that is asked for by id is the listed one, and null when there is none', async () => {
      const world = await open();
      const [newest = ''] = world.runIds;
      const listed = (await runsOf(world)).find(({ id }) => id === newest);
      expect(listed).toBeDefined();
      expect(await world.source.getRun(world.busy, newest)).toMatchObject({ run: listed, rejected: null });
      expect(await world.source.getRun(world.busy, 'none')).toMatchObject({ run: null, rejected: null });
      expect(await world.source.getRun(world.idle, newest)).toMatchObject({ run: null, rejected: null });
    });

    test('answers are numbered by when they were asked for', async () => {
      const { source, busy, idle, runIds } = await open();
      const asked = await Promise.all([
        source.listRuns(busy, null),
        source.getRun(busy, runIds[1] ?? ''),
        source.listRuns(idle, null),
        source.getRun(busy, 'none'),
      ]);
      const later = await source.listRuns(busy, null);
      const numbers = [...asked, later].map(({ answer }) => answer);
      expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
    });

    test(`a listed monitor ${traits.showsNewestRun ? 'shows' : 'does not show'} its newest run`, async () => {
      const { source, busy, idle, runIds } = await open();
      const shown = traits.showsNewestRun ? runIds[0] : undefined;
      expect((await source.getMonitor(busy))?.lastRun?.id).toBe(shown);
      expect((await source.getMonitor(idle))?.lastRun).toBeNull();
    });

    // Where nothing is promised there is nothing to hold the source to.
    const promised = traits.promisesNewestFirst ? ['newest first'] : [];
    test.each(promised)('runs come %s, as promised', async () => {
      const runs = await runsOf(await open());
      const newestFirst = runs.toSorted((a, b) => compareInstants(b.createdAt, a.createdAt));
      expect(runs).toEqual(newestFirst);
    });

    test(`completed runs ${traits.runsCarryOutput ? 'carry' : 'do not carry'} what they found`, async () => {
      const carry = (await runsOf(await open())).map(({ output }) => output !== null);
      expect(carry).toEqual(Array(5).fill(traits.runsCarryOutput));
    });

    test('a cursor that is refused is told from a refused list', async () => {
      const { source, busy, meet } = await open();
      const { nextCursor } = await source.listRuns(busy, null);
      meet('cursor refused');
      await expect(source.listRuns(busy, nextCursor)).rejects.toBeInstanceOf(CursorRefusedError);
      meet('question refused');
      const refused = await source.listRuns(busy, null).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(SkipMonitorError);
      expect(refused).not.toBeInstanceOf(CursorRefusedError);
    });

    test('a question that is refused costs its monitor only', async () => {
      const { source, busy, runIds, meet } = await open();
      meet('question refused');
      await expect(source.getMonitor(busy)).rejects.toBeInstanceOf(SkipMonitorError);
      await expect(source.getRun(busy, runIds[0] ?? '')).rejects.toBeInstanceOf(SkipMonitorError);
      meet('none');
      expect((await source.listRuns(busy, null)).runs).toHaveLength(rowsOfPage);
    });

    test.each([
      ['key refused', false],
      ['not in the plan', true],
    ] as const)('%s: nothing further can succeed', async (trouble, unavailable) => {
      const { source, busy, meet } = await open();
      meet(trouble);
      const stopped = await source.listMonitors(null).catch((error: unknown) => error);
      expect(stopped).toBeInstanceOf(StopCycleError);
      expect(stopped instanceof SourceUnavailableError).toBe(unavailable);
      await expect(source.listRuns(busy, null)).rejects.toBeInstanceOf(StopCycleError);
    });
  });
}

import type { BenchCase, Laboratory } from '../bench-case.ts';
import { startDelayingProxy } from '../delaying-proxy.ts';
import { medianRatio, median, seconds, times } from '../statistics.ts';
import { measure } from '../worker-process.ts';
import { firstSyncAccount, inOwnDatabase, plainSync, requireRows } from './first-sync.ts';

/** A first sync into a database that is far away: against one that is near, and against the ten-minute script. */
export const distance: BenchCase = {
  name: 'distance',
  async run(laboratory) {
    const simulator = await laboratory.startSimulator({ account: firstSyncAccount });
    const [near, zone, far, script]: [number[], number[], number[], number[]] = [[], [], [], []];
    const sync = (roundTripMs: number) =>
      atDistance(laboratory, roundTripMs, (databaseUrl) =>
        measure('sync', { ...plainSync, databaseUrl, apiUrl: simulator.url }),
      );
    for (let round = 1; round <= laboratory.rounds; round += 1) {
      near.push(await sync(0));
      zone.push(await sync(10));
      far.push(await sync(40));
      script.push(
        await atDistance(laboratory, 40, (databaseUrl) =>
          measure('script', { databaseUrl, apiUrl: simulator.url }),
        ),
      );
      const shown = [near, zone, far, script].map((all) => seconds(all.at(-1) ?? 0));
      laboratory.tell(
        `round ${round}: near ${shown[0]}, 10 ms ${shown[1]}, 40 ms ${shown[2]}, script ${shown[3]}`,
      );
    }
    await simulator.stop();
    const overNear = medianRatio(zone, near);
    const overScript = medianRatio(far, script);
    return {
      findings: [
        {
          what: 'first sync, database 10 ms away: time against one that is near',
          figure: times(overNear),
          target: '≤ 1.5 ×',
          met: overNear <= 1.5,
          behind: `${seconds(median(zone))} against ${seconds(median(near))}`,
        },
        {
          what: "first sync, database 40 ms away: time against the ten-minute script's",
          figure: times(overScript),
          target: '≤ 1 ×',
          met: overScript <= 1,
          behind: `${seconds(median(far))} against ${seconds(median(script))}`,
        },
      ],
      bars: [],
    };
  },
};

/** @returns the milliseconds that the work took. */
function atDistance(
  laboratory: Laboratory,
  roundTripMs: number,
  work: (databaseUrl: string) => Promise<{ readonly ms: number }>,
): Promise<number> {
  return inOwnDatabase(laboratory, async (database) => {
    const proxy = await startDelayingProxy(database.url, roundTripMs);
    const { ms } = await work(proxy.url);
    await proxy.stop();
    await requireRows(database);
    return ms;
  });
}

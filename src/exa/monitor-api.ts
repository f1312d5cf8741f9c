import type { SourceTraits } from '../sync/ports.ts';
import type { ParseMonitor } from './records/judge-monitor.ts';
import type { ParseRun } from './records/judge-run.ts';
import type { OutputWish } from './records/run-output.ts';
import { parseSearchMonitor } from './records/search-monitor.ts';
import { createSearchRunParser } from './records/search-run.ts';
import { parseWebsetsMonitor } from './records/websets-monitor.ts';
import { parseWebsetsRun } from './records/websets-run.ts';

/** One of Exa's monitor APIs: where it is, how its records are read and what it can do. */
export interface MonitorApi {
  readonly name: string;
  /** Of the list of monitors, below the root of all APIs. */
  readonly path: string;
  readonly parseMonitor: ParseMonitor;
  readonly parseRun: ParseRun;
  /** With the largest page that is documented. */
  readonly traits: SourceTraits;
}

/** The monitors of websets; "legacy" in Exa's words. */
export const websetsApi: MonitorApi = {
  name: 'websets',
  path: '/websets/v0/monitors',
  parseMonitor: parseWebsetsMonitor,
  parseRun: parseWebsetsRun,
  traits: { pageSize: 200, showsNewestRun: true, promisesNewestFirst: false, runsCarryOutput: false },
};

/** Search Monitors, whose runs carry what they found: as much of it is kept as is wished. */
export function createSearchApi(outputs: OutputWish): MonitorApi {
  return {
    name: 'search',
    path: '/monitors',
    parseMonitor: parseSearchMonitor,
    parseRun: createSearchRunParser(outputs),
    traits: {
      pageSize: 100,
      showsNewestRun: false,
      promisesNewestFirst: true,
      runsCarryOutput: outputs !== 'none',
    },
  };
}

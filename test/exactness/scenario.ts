/** Lives of accounts and their warehouse, as plain data. */
import type { CursorStyle } from '../../src/simulator/answers/paging.ts';
import type { Fault } from '../../src/simulator/answers/faults.ts';
import type { RunOrder } from '../../src/simulator/answers/list-order.ts';
import type { AccountQuirks } from '../../src/simulator/websets/websets-account.ts';
import type { FinalStatus } from '../../src/simulator/websets/wire.ts';
import type { Cut } from './loose-connections.ts';
import type { Api } from './sync-kit.ts';

export interface Scenario {
  /** Requests under way at once, for each source. */
  readonly concurrency: number;
  /** Where each of the seeds is, in order; there may be more seeds than places. */
  readonly places: readonly Place[];
  readonly seeds: readonly SourceSeed[];
  readonly steps: readonly Step[];
}

export interface Place {
  readonly account: 0 | 1;
  readonly api: Api;
}

export interface SourceSeed {
  readonly runOrder: RunOrder;
  readonly cursors: CursorStyle;
  readonly monitorCursors: CursorStyle;
  /** Whether lists of runs of Search Monitors show what they found. */
  readonly listedOutputs: 'whole' | 'missing';
  readonly monitors: readonly (readonly RunSeed[])[];
}

/** A run that exists at the beginning, newest first. */
export interface RunSeed {
  /** Between its creation and that of the run after it; 0: a tie. */
  readonly gapMinutes: number;
  /** Open only while it is young. */
  readonly status: FinalStatus | 'open';
}

export type Step =
  | { readonly do: 'change'; readonly source: number; readonly change: Change }
  | { readonly do: 'edit'; readonly edit: Edit }
  | {
      readonly do: 'cycle';
      readonly mode: CycleMode;
      /** Rows that the sync asks for at a time. */
      readonly pageSize: number;
      readonly incidents: readonly Incident[];
    };

export type CycleMode = 'incremental' | 'full' | 'since' | 'only';

/** What somebody does to the tables by hand. */
export interface Edit {
  readonly kind:
    | 'runs truncated'
    | 'rows of a monitor deleted'
    | 'rows deleted with triggers off'
    | 'bookkeeping truncated'
    | 'sequence rewound';
  /** Which monitor, by remainder. */
  readonly monitor: number;
}

/** Numbers pick one of what there is, by remainder. */
export type Change =
  | { readonly kind: 'addRuns'; readonly monitor: number; readonly open: boolean; readonly count: number }
  /** A run that appears with a creation time in the past. */
  | { readonly kind: 'addLateRun'; readonly monitor: number; readonly minutesAgo: number }
  /** A run that says that it was created years from now. */
  | { readonly kind: 'addFutureRun'; readonly monitor: number }
  | {
      readonly kind: 'finishRun';
      readonly monitor: number;
      readonly run: number;
      readonly status: FinalStatus;
    }
  /** A run that was final already is changed. */
  | { readonly kind: 'correctRun'; readonly monitor: number; readonly run: number }
  | { readonly kind: 'deleteRun'; readonly monitor: number; readonly run: number }
  | { readonly kind: 'moveRun'; readonly monitor: number; readonly run: number; readonly to: number }
  | { readonly kind: 'addMonitor' }
  | { readonly kind: 'deleteMonitor'; readonly monitor: number }
  | { readonly kind: 'switchMonitor'; readonly monitor: number }
  | { readonly kind: 'showLastRun'; readonly lastRun: AccountQuirks['lastRun'] }
  | { readonly kind: 'advance'; readonly minutes: number }
  /** The list comes in the other order from now on, or from when no cursor of it is kept. */
  | { readonly kind: 'turnList' };

/** Something that happens when the cycle sends its so manieth request, or makes its so manieth write. */
export type Incident =
  | { readonly kind: 'fault'; readonly atRequest: number; readonly times: number; readonly fault: Fault }
  /** Well-formed answers that are not true, to so many requests of one kind. */
  | {
      readonly kind: 'falsehood';
      readonly atRequest: number;
      readonly times: number;
      readonly falsehood: Falsehood;
    }
  | { readonly kind: 'change'; readonly atRequest: number; readonly source: number; readonly change: Change }
  | { readonly kind: 'interrupt'; readonly atRequest: number }
  /** The process dies: with the write not done, or done and not answered. */
  | { readonly kind: 'crash'; readonly atWrite: number; readonly when: 'before' | 'after' }
  /** Connections to the database that are there go bad; new ones work. `which`: a bit for each in turn. */
  | { readonly kind: 'cut'; readonly atWrite: number; readonly how: Cut; readonly which: number };

export type Falsehood =
  /** From a replica that is so far behind. */
  | { readonly kind: 'lag'; readonly endpoint: 'monitors' | 'runs' | 'run'; readonly byMinutes: number }
  /** A page lacks a run, by remainder from the newest; a get of any run answers 404. */
  | { readonly kind: 'hide'; readonly endpoint: 'runs' | 'run'; readonly run: number }
  | { readonly kind: 'empty' };

import type { CycleOutcome, RunCounts, SourceIdentity, SourceOutcome, Trigger } from './ports.ts';

/** Told what happens in a cycle; progress displays, metrics and logs hang on it. Must not throw. */
export type CycleObserver = (event: CycleEvent) => void;

export type PlanDecision = 'skip' | 'resume' | 'incremental' | 'full' | 'since';

export type CycleEvent =
  | {
      readonly type: 'cycle-opened';
      readonly cycleId: number;
      readonly trigger: Trigger;
      /** As an open cycle has it. */
      readonly numbersRaised: boolean;
    }
  | SourceEvent
  | {
      readonly type: 'cycle-closed';
      readonly cycleId: number;
      readonly outcome: CycleOutcome;
      readonly durationMs: number;
    };

/** An event of one source. */
type SourceEvent = { readonly source: SourceIdentity } & SourceNews;

/** What happens to one source of a cycle. */
export type SourceNews =
  | { readonly type: 'monitors-listed'; readonly monitors: number }
  | { readonly type: 'planned'; readonly decisions: Readonly<Record<PlanDecision, number>> }
  | ({ readonly type: 'answer-saved'; readonly monitorId: string; readonly rejected: number } & RunCounts)
  | { readonly type: 'monitor-walked'; readonly monitorId: string; readonly pages: number }
  | { readonly type: 'monitor-failed'; readonly monitorId: string; readonly error: Error }
  | { readonly type: 'source-ended'; readonly outcome: SourceOutcome };

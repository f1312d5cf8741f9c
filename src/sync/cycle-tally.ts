import type { SourceNews } from './cycle-events.ts';
import type { CycleCounts, RunCounts, SourceCycle } from './ports.ts';

type MonitorOutcome = 'planned' | 'skipped' | 'walked' | 'failed';

/** What became of each monitor and of the runs of one source in one cycle. A monitor that failed once in a cycle counts as failed. */
export class CycleTally {
  readonly #monitors = new Map<string, MonitorOutcome>();
  readonly #runs = { inserted: 0, updated: 0, unchanged: 0, rejected: 0 };
  #wasListed = false;
  readonly #observe: (news: SourceNews) => void;
  readonly #cycle: Pick<SourceCycle, 'recordMonitorFailure'>;

  constructor(observe: (news: SourceNews) => void, cycle: Pick<SourceCycle, 'recordMonitorFailure'>) {
    this.#observe = observe;
    this.#cycle = cycle;
  }

  /** The source has shown its monitors to the end. */
  listed(): void {
    this.#wasListed = true;
  }

  get wasListed(): boolean {
    return this.#wasListed;
  }

  seen(monitorId: string): void {
    this.#note(monitorId, 'planned');
  }

  skipped(monitorId: string): void {
    this.#note(monitorId, 'skipped');
  }

  walked(monitorId: string, pages: number): void {
    this.#note(monitorId, 'walked');
    this.#observe({ type: 'monitor-walked', monitorId, pages });
  }

  /** Counts a monitor as failed and writes down why. `monitorId` null: the listing's record has no readable id. */
  async failed(monitorId: string | null, error: Error): Promise<void> {
    const label = monitorId ?? `(unreadable record ${this.#monitors.size + 1})`;
    this.refused(label, error);
    if (monitorId !== null) await this.#cycle.recordMonitorFailure(monitorId, error.message);
  }

  /** Counts a monitor as failed whose id belongs to another source: what is kept of that one is not touched. */
  refused(monitorId: string, error: Error): void {
    this.#note(monitorId, 'failed');
    this.#observe({ type: 'monitor-failed', monitorId, error });
  }

  hasFailed(monitorId: string): boolean {
    return this.#monitors.get(monitorId) === 'failed';
  }

  /** Whether its runs are known: it was walked or skipped with evidence. */
  isRead(monitorId: string): boolean {
    const outcome = this.#monitors.get(monitorId);
    return outcome === 'walked' || outcome === 'skipped';
  }

  walkedMonitors(): readonly string[] {
    return [...this.#monitors].flatMap(([id, outcome]) => (outcome === 'walked' ? [id] : []));
  }

  saved(monitorId: string, counts: RunCounts, rejected: number): void {
    this.#runs.inserted += counts.inserted;
    this.#runs.updated += counts.updated;
    this.#runs.unchanged += counts.unchanged;
    this.#runs.rejected += rejected;
    const { inserted, updated, unchanged } = counts;
    this.#observe({ type: 'answer-saved', monitorId, inserted, updated, unchanged, rejected });
  }

  counts(): CycleCounts {
    const of = (wanted: MonitorOutcome): number =>
      [...this.#monitors.values()].filter((outcome) => outcome === wanted).length;
    return {
      monitors: {
        seen: this.#monitors.size,
        skipped: of('skipped'),
        walked: of('walked'),
        failed: of('failed'),
      },
      runs: { ...this.#runs },
    };
  }

  #note(monitorId: string, outcome: MonitorOutcome): void {
    if (!this.hasFailed(monitorId)) this.#monitors.set(monitorId, outcome);
  }
}

import type {
  Difference,
  DifferenceCounts,
  DifferenceKind,
  MonitorFinding,
  StoredDifference,
} from './verify-ports.ts';

/** Differences of a monitor that are asked for again; a warehouse that lacks most of a list need not be told so twice. */
const mostConfirmed = 100;
/** Differences of a monitor that are named; all are counted. */
const mostNamed = 100;

export function differenceOf({ id, columns }: StoredDifference): Difference {
  return columns === null ? { kind: 'missing', id, columns: [] } : { kind: 'stale', id, columns };
}

export function noDifferences(): Record<DifferenceKind, number> {
  return { missing: 0, stale: 0, extra: 0, rejected: 0 };
}

export function sumDifferences(all: readonly DifferenceCounts[]): DifferenceCounts {
  const sum = noDifferences();
  for (const counts of all) {
    for (const kind of ['missing', 'stale', 'extra', 'rejected'] as const) sum[kind] += counts[kind];
  }
  return sum;
}

/** What is found out about one monitor; each run counts once. */
export class MonitorTally {
  readonly #monitorId: string;
  readonly #counts = noDifferences();
  readonly #named: Difference[] = [];
  /** Ids of the runs that count. */
  readonly #counted = new Set<string>();
  #compared = 0;
  #confirmed = 0;
  #monitor: Difference | null = null;
  #error: string | null = null;

  constructor(monitorId: string) {
    this.#monitorId = monitorId;
  }

  get runsCompared(): number {
    return this.#compared;
  }

  get failed(): boolean {
    return this.#error !== null;
  }

  compared(runs: number): void {
    this.#compared += runs;
  }

  /** A list that repeats rows, or is read a second time because it has no order, shows a difference more than once. */
  count(difference: Difference): void {
    if (this.hasCounted(difference.id)) return;
    this.#counted.add(difference.id);
    this.#counts[difference.kind] += 1;
    if (this.#named.length < mostNamed) this.#named.push(difference);
  }

  hasCounted(runId: string): boolean {
    return this.#counted.has(runId);
  }

  /** The monitor's runs have been compared: a warehouse that lacks all of them would otherwise cost the memory of all ids. */
  forgetIds(): void {
    this.#counted.clear();
  }

  /** Whether one more difference is worth a request of its own. */
  mayConfirm(): boolean {
    this.#confirmed += 1;
    return this.#confirmed <= mostConfirmed;
  }

  monitorDiffers(difference: Difference): void {
    this.#monitor = difference;
  }

  fail(error: Error): void {
    this.#error = error.message;
  }

  /** Null: this monitor is equal. */
  finding(): MonitorFinding | null {
    const differs = this.#monitor !== null || this.#named.length > 0;
    if (!differs && this.#error === null) return null;
    return {
      monitorId: this.#monitorId,
      monitor: this.#monitor,
      runs: { ...this.#counts },
      differences: this.#named,
      error: this.#error,
    };
  }
}

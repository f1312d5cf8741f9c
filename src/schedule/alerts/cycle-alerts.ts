import type { Clock } from '../../sync/ports.ts';
import type { Incident, IncidentKind } from '../../warehouse/cycle/incidents.ts';
import type { CycleAttempt } from '../service.ts';
import { describeIncident, describeItsEnd } from './alert-texts.ts';
import type { SendAlert } from './webhook.ts';

export interface CycleAlertOptions {
  readonly host: string;
  readonly clock: Clock;
  /** After how many cycles each kind is told; 0: never. */
  readonly after: Readonly<Record<IncidentKind, number>>;
  /** How old data may be before they are stale. */
  readonly staleAfterMs: number;
  /** When all monitors were last read; RFC 3339, null: never. */
  readonly loadReadAt: () => Promise<string | null>;
  readonly load: () => Promise<readonly Incident[]>;
  readonly save: (incidents: readonly Incident[]) => Promise<void>;
  /** Whether this is why: the key of an account is another team's. */
  readonly isChangedAccount: (error: Error) => boolean;
  /** An error in the words for people, without secrets. */
  readonly describe: (error: unknown) => string;
  readonly send: SendAlert;
}

/** What a cycle has shown of one kind: `why` it is wrong, or how it is known to be over. */
interface Finding {
  readonly kind: IncidentKind;
  readonly isWrong: boolean;
  readonly why: string;
}

/**
 * Alerts once when something is wrong with the sync, and once when it is over. What was told stands in the warehouse, so
 * that it does not matter which process runs the next cycle; while the warehouse cannot be reached, this process
 * remembers. An alert that did not arrive is tried again after the next cycle.
 */
export class CycleAlerts {
  readonly #options: CycleAlertOptions;
  #known: readonly Incident[] = [];
  /** The warehouse has not got `#known` yet. */
  #isAhead = false;

  constructor(options: CycleAlertOptions) {
    this.#options = options;
  }

  /**
   * `isWhole`: the cycle was not asked for some monitors only, which would say nothing of the others.
   * @throws WebhookError; what the warehouse throws.
   */
  async look(attempt: CycleAttempt, isWhole: boolean): Promise<void> {
    const { load, save } = this.#options;
    const stored = this.#isAhead ? null : await load().catch(() => null);
    this.#known = stored ?? this.#known;
    try {
      for (const finding of this.#judge(attempt)) {
        if (isWhole || finding.kind !== 'partial') await this.#take(finding);
      }
      const stale = await this.#judgeAge();
      if (stale !== null) await this.#take(stale);
    } finally {
      if (this.#isAhead) {
        await save(this.#known);
        this.#isAhead = false;
      }
    }
  }

  async #take({ kind, isWrong, why }: Finding): Promise<void> {
    const { host, after, clock, send } = this.#options;
    const before = this.#known.find((incident) => incident.kind === kind);
    if (!isWrong) {
      if (before?.told === true) await send(describeItsEnd(host, before, why));
      if (before !== undefined) this.#put(kind, null);
      return;
    }
    const since = before?.since ?? new Date(clock.now()).toISOString();
    const incident = { kind, since, cycles: (before?.cycles ?? 0) + 1, told: before?.told ?? false };
    this.#put(kind, incident);
    if (incident.told || after[kind] === 0 || incident.cycles < after[kind]) return;
    await send(describeIncident(host, incident, why));
    this.#put(kind, { ...incident, told: true });
  }

  #put(kind: IncidentKind, incident: Incident | null): void {
    const others = this.#known.filter((known) => known.kind !== kind);
    this.#known = incident === null ? others : [...others, incident];
    this.#isAhead = true;
  }

  /** By how a cycle ended. One that was interrupted says nothing but that it could begin. */
  #judge({ result, error }: CycleAttempt): readonly Finding[] {
    const { isChangedAccount, describe } = this.#options;
    if (result === null) {
      const kind = isChangedAccount(error) ? 'account' : 'failed';
      return [{ kind, isWrong: true, why: describe(error) }];
    }
    const { status, error: reason } = result.outcome;
    const over = (kind: IncidentKind): Finding => ({ kind, isWrong: false, why: status });
    switch (status) {
      case 'interrupted':
        return [over('account')];
      case 'failed':
        return [over('account'), { kind: 'failed', isWrong: true, why: describe(result.failure) }];
      case 'partial':
        return [over('account'), over('failed'), { kind: 'partial', isWrong: true, why: reason ?? '' }];
      case 'succeeded':
        return [over('account'), over('failed'), over('partial')];
    }
  }

  async #judgeAge(): Promise<Finding | null> {
    const { after, staleAfterMs, loadReadAt, clock } = this.#options;
    if (after.stale === 0) return null;
    const readAt = await loadReadAt();
    // Nothing was ever read: that the cycles fail is told already.
    if (readAt === null) return null;
    return { kind: 'stale', isWrong: clock.now() - Date.parse(readAt) > staleAfterMs, why: readAt };
  }
}

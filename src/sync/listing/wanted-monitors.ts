/** What one source says of the monitors that a person named. */
export interface SourceListing {
  /**
   * The source's listing has these.
   * @returns when every source has said so or ended: the named ones that none of them lists, for this source to report.
   * Each is reported once.
   */
  listed(ids: ReadonlySet<string>): Promise<readonly string[]>;
  /** The source has ended. Unless it has no monitors, one may be there that no other source lists. */
  ended(hasNone: boolean): void;
}

/** The monitors that a person named, over all sources of a cycle: one is missing only where no source lists it. */
export class WantedMonitors {
  readonly #missing: Set<string>;
  #outstanding: number;
  #report: ((missing: readonly string[]) => void) | null = null;

  /** `only` null: nobody named any. */
  constructor(only: ReadonlySet<string> | null, sources: number) {
    this.#missing = new Set(only);
    this.#outstanding = sources;
  }

  ofSource(): SourceListing {
    let isOutstanding = true;
    const settle = (): void => {
      isOutstanding = false;
      this.#outstanding -= 1;
      if (this.#outstanding === 0) this.#report?.([...this.#missing]);
    };
    return {
      listed: (ids) =>
        new Promise((resolve) => {
          for (const id of ids) this.#missing.delete(id);
          // The first one reports, and waits for the others only where something is missing so far.
          if (this.#report === null && this.#missing.size > 0) this.#report = resolve;
          else resolve([]);
          settle();
        }),
      ended: (hasNone) => {
        if (!isOutstanding) return;
        if (!hasNone) this.#missing.clear();
        settle();
      },
    };
  }
}

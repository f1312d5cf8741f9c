/** Turns are a little further apart than the rate says: a timer knows milliseconds only. */
const spacingSafety = 1.015;
/** What must be left of that safety when turns are made up for. */
const leastSafety = 1.01;
/** How far behind its schedule the pace may be, in milliseconds, and still make up for it. */
const mostBehindMs = 1000;
/** The shortest gap that making up may cause, as a share of the even one. Longer, and one late turn would delay the next. */
const shortestGap = 0.5;
/**
 * How much later than the fastest request another one is taken to have arrived, in milliseconds, at most. An answer may
 * also be slow because there is much in it, and waiting for that would cost rate for nothing.
 */
const mostLateMs = 50;

/** One request that was let through. */
interface Turn {
  readonly atMs: number;
  /** The very first one opens the connection. */
  readonly opens: boolean;
  /** Until its answer began; null: it has none yet. */
  tookMs: number | null;
}

/**
 * When requests may be sent so that they are even and never more than allowed. Pure: times come in as milliseconds.
 *
 * Turns follow an absolute schedule, since with a schedule that starts anew at each turn every late timer would cost
 * rate for good. What a late turn lost is made up for in small steps, as long as the sliding window that a server may
 * count in stays within its limit. That window counts arrivals: a request that was held up on its way, and the next ones
 * not, would bring one too many into it. How long its answer took tells.
 */
export class Pace {
  readonly #spacingMs: number;
  readonly #windowMs: number;
  readonly #perWindow: number;
  /** The last turns, oldest first: twice as many as one window may hold, since one that was late counts for longer. */
  readonly #recent: Turn[] = [];
  #scheduledMs = Number.NEGATIVE_INFINITY;
  #fastestMs = Number.POSITIVE_INFINITY;
  #turns = 0;

  /** `requestsPerSecond` may be a fraction; 0 means no limit. */
  constructor(requestsPerSecond: number) {
    this.#perWindow = Math.ceil(requestsPerSecond);
    this.#windowMs = requestsPerSecond === 0 ? 0 : (this.#perWindow * 1000 * leastSafety) / requestsPerSecond;
    this.#spacingMs = requestsPerSecond === 0 ? 0 : (1000 * spacingSafety) / requestsPerSecond;
  }

  /** The earliest time of the next turn. */
  nextTurnMs(nowMs: number): number {
    this.#followClock(nowMs);
    const lastMs = this.#recent.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
    return Math.max(
      this.#scheduledMs,
      lastMs + this.#spacingMs * shortestGap,
      this.#windowIsFullUntilMs() + this.#windowMs,
    );
  }

  /** A request is sent that could have been sent since `wantedSinceMs`: what an idle time left unused is not made up for. */
  record(atMs: number, wantedSinceMs: number): void {
    if (this.#perWindow === 0) return;
    const wasDueMs = Math.max(this.#scheduledMs, wantedSinceMs, atMs - mostBehindMs);
    this.#scheduledMs = wasDueMs + this.#spacingMs;
    this.#turns += 1;
    this.#recent.push({ atMs, opens: this.#turns === 1, tookMs: null });
    if (this.#recent.length > 2 * this.#perWindow) this.#recent.shift();
  }

  /** The answer to a request that was sent at `sentMs` has begun. */
  answered(sentMs: number, nowMs: number): void {
    const turn = this.#recent.findLast(({ atMs }) => atMs <= sentMs);
    const tookMs = nowMs - sentMs;
    if (turn === undefined || tookMs < 0) return;
    turn.tookMs = tookMs;
    this.#fastestMs = Math.min(this.#fastestMs, tookMs);
  }

  /** The arrival that has to leave the window before another request may come. */
  #windowIsFullUntilMs(): number {
    if (this.#perWindow === 0) return Number.NEGATIVE_INFINITY;
    const latestFirst = this.#recent.map((turn) => this.#arrivalMs(turn)).toSorted((a, b) => b - a);
    return latestFirst[this.#perWindow - 1] ?? Number.NEGATIVE_INFINITY;
  }

  /** When it reached the server, as far as is known: later by what its answer took longer than the fastest one. */
  #arrivalMs({ atMs, opens, tookMs }: Turn): number {
    if (tookMs === null) return atMs;
    // The request that opens the connection may have arrived as late as its answer came.
    return atMs + (opens ? tookMs : Math.min(mostLateMs, tookMs - this.#fastestMs));
  }

  /** A last turn that lies ahead means that the clock was set back; nobody waits until it gets there again. */
  #followClock(nowMs: number): void {
    const backMs = (this.#recent.at(-1)?.atMs ?? nowMs) - nowMs;
    if (backMs <= 0) return;
    this.#scheduledMs -= backMs;
    for (const [index, turn] of this.#recent.entries()) {
      this.#recent[index] = { ...turn, atMs: turn.atMs - backMs };
    }
  }
}

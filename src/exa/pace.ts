/** A server that counts requests in a sliding second must not see one too many because some came a little late. */
const safety = 1.02;
/** What must be left of that safety when turns are made up for: room for the network's jitter. */
const leastSafety = 1.015;
/** How far behind its schedule the pace may be, in milliseconds, and still make up for it. */
const mostBehindMs = 1000;
/** The shortest gap that making up may cause, as a share of the even one. Longer, and one late turn would delay the next. */
const shortestGap = 0.5;

/**
 * When requests may be sent so that they are even and never more than allowed. Pure: times come in as milliseconds.
 *
 * Turns follow an absolute schedule, since with a schedule that starts anew at each turn every late timer would cost
 * rate for good. What a late turn lost is made up for in small steps, as long as the sliding window that a server may
 * count in stays within its limit.
 */
export class Pace {
  readonly #spacingMs: number;
  readonly #windowMs: number;
  readonly #perWindow: number;
  /** The last turns, oldest first, as many as one window may hold. */
  readonly #recentMs: number[] = [];
  #scheduledMs = Number.NEGATIVE_INFINITY;
  #turns = 0;

  /** `requestsPerSecond` may be a fraction; 0 means no limit. */
  constructor(requestsPerSecond: number) {
    this.#perWindow = Math.ceil(requestsPerSecond);
    this.#windowMs = requestsPerSecond === 0 ? 0 : (this.#perWindow * 1000 * leastSafety) / requestsPerSecond;
    this.#spacingMs = requestsPerSecond === 0 ? 0 : (1000 * safety) / requestsPerSecond;
  }

  /** The earliest time of the next turn. */
  nextTurnMs(nowMs: number): number {
    this.#followClock(nowMs);
    const [oldestMs = nowMs] = this.#recentMs;
    const lastMs = this.#recentMs.at(-1) ?? Number.NEGATIVE_INFINITY;
    const windowIsFull = this.#perWindow > 0 && this.#recentMs.length === this.#perWindow;
    return Math.max(
      this.#scheduledMs,
      lastMs + this.#spacingMs * shortestGap,
      windowIsFull ? oldestMs + this.#windowMs : Number.NEGATIVE_INFINITY,
    );
  }

  /** A request is sent that could have been sent since `wantedSinceMs`: what an idle time left unused is not made up for. */
  record(atMs: number, wantedSinceMs: number): void {
    if (this.#perWindow === 0) return;
    const wasDueMs = Math.max(this.#scheduledMs, wantedSinceMs, atMs - mostBehindMs);
    this.#scheduledMs = wasDueMs + this.#spacingMs;
    this.#recentMs.push(atMs);
    if (this.#recentMs.length > this.#perWindow) this.#recentMs.shift();
    this.#turns += 1;
  }

  /**
   * The first request, which opens the connection, may have reached the server as late as this: the server's window
   * begins then, and not when it was sent.
   */
  firstArrived(byMs: number): void {
    if (this.#turns > 0 && this.#turns <= this.#perWindow) this.#recentMs[0] = byMs;
  }

  /** A last turn that lies ahead means that the clock was set back; nobody waits until it gets there again. */
  #followClock(nowMs: number): void {
    const backMs = (this.#recentMs.at(-1) ?? nowMs) - nowMs;
    if (backMs <= 0) return;
    this.#scheduledMs -= backMs;
    for (const [index, turnMs] of this.#recentMs.entries()) this.#recentMs[index] = turnMs - backMs;
  }
}

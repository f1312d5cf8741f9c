import { setImmediate as macrotask } from 'node:timers/promises';
import type { Sleep } from '../../src/exa/http/sleep.ts';
import type { Clock } from '../../src/sync/ports.ts';

interface Timer {
  readonly atMs: number;
  readonly wake: () => void;
}

/** A clock and a sleep that move only when a test says so. */
export class VirtualTime implements Clock {
  readonly #timers = new Set<Timer>();
  readonly slept: number[] = [];
  #nowMs: number;
  /** How much later than asked a timer fires, in milliseconds; negative: before its time. */
  lateMs: () => number = () => 0;

  constructor(nowMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  /** Moves the clock without firing anything, as a person does who sets it. */
  set(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  readonly sleep: Sleep = (ms, signal) => {
    this.slept.push(ms);
    return new Promise((resolve) => {
      const timer: Timer = {
        atMs: this.#nowMs + Math.max(Math.min(ms, 1), ms + this.lateMs()),
        wake: () => {
          this.#timers.delete(timer);
          resolve();
        },
      };
      if (signal.aborted) resolve();
      else this.#timers.add(timer);
      signal.addEventListener('abort', timer.wake, { once: true });
    });
  };

  /** Lets everything happen that happens within this time. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      await macrotask();
      const next = [...this.#timers].toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
    }
    this.#nowMs = untilMs;
  }

  /** Lets time pass until the work is done; real I/O may be part of it. */
  async until<T>(work: Promise<T>): Promise<T> {
    const pending = Symbol('pending');
    const done = work.then(
      () => null,
      () => null,
    );
    for (;;) {
      if ((await Promise.race([done, macrotask(pending)])) !== pending) return work;
      const next = [...this.#timers].toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) continue;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
    }
  }
}

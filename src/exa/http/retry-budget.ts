/** How many retries a cycle may still spend. */
export interface RetryBudget {
  /** Puts a fifth of a retry in: a first attempt has succeeded. */
  deposit(): void;
  /** Takes one retry out; false when there is none left. */
  withdraw(): boolean;
}

const reserve = 50;
const perSuccess = 0.2;
/** How long an outage may last that begins late in a large cycle: a quarter of an hour if every request times out. */
const cap = 200;

/**
 * A retry budget as in Finagle and Linkerd: one retry for five requests that succeed at once, and a reserve for the
 * start. In an outage nothing succeeds, so that the cycle ends after the reserve instead of backing off for hours.
 */
export function createRetryBudget(): RetryBudget {
  let balance = reserve;
  return {
    deposit() {
      balance = Math.min(cap, balance + perSuccess);
    },
    withdraw() {
      if (balance < 1) return false;
      balance -= 1;
      return true;
    },
  };
}

/** The middle one of an odd number of values, the lower middle one otherwise. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** Median of the rounds' ratios: each round's two values were measured next to each other. */
export function medianRatio(values: readonly number[], by: readonly number[]): number {
  return median(values.map((value, round) => value / (by[round] ?? Number.NaN)));
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

export function times(ratio: number): string {
  return `${ratio.toFixed(2)} ×`;
}

export function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

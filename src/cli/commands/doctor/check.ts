/** What `doctor` says about one thing. */
export interface Check {
  readonly name: string;
  /** `warning`: it works, but somebody should know. `skipped`: cannot be told while something before it fails. */
  readonly state: 'ok' | 'warning' | 'failed' | 'skipped';
  /** What was found. */
  readonly detail: string;
  /** What to do; null when there is nothing to do. */
  readonly advice: string | null;
}

export function ok(name: string, detail: string): Check {
  return { name, state: 'ok', detail, advice: null };
}

export function warning(name: string, detail: string, advice: string): Check {
  return { name, state: 'warning', detail, advice };
}

export function failed(name: string, detail: string, advice: string): Check {
  return { name, state: 'failed', detail, advice };
}

export function skipped(name: string, detail: string): Check {
  return { name, state: 'skipped', detail, advice: null };
}

/** One line for each check, followed by what to do. */
export function describeChecks(checks: readonly Check[]): string {
  const marks = { ok: 'ok  ', warning: 'note', failed: 'FAIL', skipped: '-   ' };
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks
    .map(({ name, state, detail, advice }) => {
      const line = `${marks[state]}  ${name.padEnd(width)}  ${detail}`;
      return advice === null ? line : `${line}\n${' '.repeat(width + 8)}→ ${advice}`;
    })
    .join('\n');
}

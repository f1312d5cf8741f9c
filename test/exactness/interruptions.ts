import type { FaultHook } from '../../src/simulator/answers/faults.ts';

/** Asks a cycle to stop while its so manieth page of runs is being read; that page is still committed. */
export function interruptAtPage(page: number): { readonly signal: AbortSignal; readonly faults: FaultHook } {
  const interruption = new AbortController();
  let pages = 0;
  return {
    signal: interruption.signal,
    faults: ({ endpoint }) => {
      if (endpoint === 'runs') pages += 1;
      if (pages === page) interruption.abort();
      return null;
    },
  };
}

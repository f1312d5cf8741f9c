/** What a worker measured of its own work: from the start of the work, modules loaded, to its end. */
export interface Measurement {
  readonly ms: number;
  /** Of this process, user and system. */
  readonly cpuMs: number;
  readonly peakRssBytes: number;
  /** Cumulative milliseconds at which each further step of rows was stored; only for workers that say so. */
  readonly stepsMs: readonly number[];
}

/** What a worker does with its options. It may return the instants of its steps, in milliseconds since the epoch. */
export type Work<Options> = (options: Options) => Promise<Prepared>;

/** Connections are made and inputs are read; calling it is what is measured. */
type Prepared = () => Promise<readonly number[]>;

/** Serves one order of the parent, which comes as a message, and sends back what it took. */
export function serveMeasured<Options>(self: NodeJS.Process, work: Work<Options>): void {
  self.once('message', (options: Options) => {
    void (async () => {
      const run = await work(options);
      const cpu = self.cpuUsage();
      const startedMs = performance.now();
      const steps = await run();
      const ms = performance.now() - startedMs;
      const { user, system } = self.cpuUsage(cpu);
      const beganAtMs = performance.timeOrigin + startedMs;
      const measurement: Measurement = {
        ms,
        cpuMs: (user + system) / 1000,
        peakRssBytes: self.resourceUsage().maxRSS * 1024,
        stepsMs: steps.map((atMs) => atMs - beganAtMs),
      };
      self.send?.(measurement, () => self.disconnect());
    })();
  });
}

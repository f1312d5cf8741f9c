import type { BenchCase } from './bench-case.ts';
import { crash } from './cases/crash.ts';
import { day } from './cases/day.ts';
import { distance } from './cases/distance.ts';
import { firstSync } from './cases/first-sync.ts';
import { growth } from './cases/growth.ts';
import { latency } from './cases/latency.ts';
import { manyMonitors } from './cases/many-monitors.ts';
import { memory } from './cases/memory.ts';
import { nothingNew } from './cases/nothing-new.ts';
import { rateLimit } from './cases/rate-limit.ts';

/** In the order of the report. */
export const cases: readonly BenchCase[] = [
  firstSync,
  latency,
  distance,
  rateLimit,
  nothingNew,
  manyMonitors,
  day,
  crash,
  memory,
  growth,
];

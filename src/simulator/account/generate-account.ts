import { SimulatedAccount } from './account.ts';
import { createCadenceCalendar } from '../websets/cadence.ts';
import type { CadenceCalendar } from '../websets/cadence.ts';
import type { Clock } from '../state/clock.ts';
import { createGeneratedRuns, dayMs, planGeneratedRun } from './generated-runs.ts';
import type { RunProfile } from './generated-runs.ts';
import { between, createRandom, mixSeed, pick, randomLetters } from '../state/random.ts';
import type { Random } from '../state/random.ts';
import type { AccountQuirks, NewMonitor } from '../websets/websets-account.ts';
import type { SearchQuirks } from '../search/search-account.ts';
import { generateSearchMonitor } from './generated-search-monitor.ts';

export interface GenerateOptions {
  readonly monitors: number;
  readonly runsPerMonitor: number;
  /** So many of each monitor's newest runs are open. Default 0. */
  readonly openRunsPerMonitor?: number;
  readonly seed?: number;
  readonly websets?: number;
  /** Share of monitors that are disabled, 0 to 1. Default 0. */
  readonly disabledShare?: number;
  /** Whether cadences start runs as the clock moves. Default true. */
  readonly firesOnSchedule?: boolean;
  readonly clock: Clock;
  readonly quirks?: Partial<AccountQuirks>;
  /** Monitors of the Search API, beside the others. Default 0. */
  readonly searchMonitors?: number;
  readonly runsPerSearchMonitor?: number;
  /** Characters of page text in each of their results. Default 0. */
  readonly textLength?: number;
  readonly searchQuirks?: Partial<SearchQuirks>;
}

const topics: readonly [string, ...string[]] = [
  'AI startups that raised a seed round',
  'climate tech pilot projects in Europe',
  'semiconductor suppliers that open plants',
  'biotech companies with phase 2 results',
  'fintech companies that hire compliance staff',
  'open-source databases with new maintainers',
  'robotics companies in logistics',
  'cities that publish heat plans',
];

const teams: readonly [string, ...string[]] = ['research', 'sales', 'investing', 'news', 'risk'];

const timezones: readonly [string, ...string[]] = [
  'Etc/UTC',
  'America/New_York',
  'America/Los_Angeles',
  'America/Sao_Paulo',
  'Europe/Berlin',
  'Asia/Kolkata',
  'Asia/Tokyo',
  'Australia/Sydney',
];

/** A believable account of any size, the same for the same seed and time. Its runs are computed when asked for. */
export function generateAccount(options: GenerateOptions): SimulatedAccount {
  const { clock, quirks = {}, searchQuirks = {}, seed = 1 } = options;
  const account = new SimulatedAccount({ clock, quirks, searchQuirks, seed });
  const calendar = createCadenceCalendar();
  const nowMs = clock.now();
  for (let index = 0; index < options.monitors; index += 1) {
    account.addMonitor(makeMonitor(options, mixSeed(seed, index), { calendar, nowMs }));
  }
  for (let index = 0; index < (options.searchMonitors ?? 0); index += 1) {
    const count = options.runsPerSearchMonitor ?? 0;
    const { textLength = 0, firesOnSchedule = true } = options;
    account.search.addMonitor(
      generateSearchMonitor(mixSeed(seed, index, 5), { count, textLength, firesOnSchedule, nowMs }),
    );
  }
  return account;
}

function makeMonitor(
  options: GenerateOptions,
  seed: number,
  { calendar, nowMs }: { calendar: CadenceCalendar; nowMs: number },
): NewMonitor {
  const random = createRandom(seed);
  const topic = pick(random, topics);
  const cadence = {
    cron: `${pick(random, [0, 15, 30, 45])} ${between(random, 0, 23)} * * *`,
    timezone: pick(random, timezones),
  };
  const count = options.runsPerMonitor;
  // The last firing is a day before the next, and a minute ago at the latest, so that its run has had time to end.
  const nextFireMs = calendar.nextAfter(cadence, nowMs) ?? nowMs + dayMs;
  const lastFireMs = Math.min(nextFireMs - dayMs, nowMs - 60_000);
  const profile = makeProfile(random, seed);
  const createdAtMs = lastFireMs - count * dayMs - between(random, 1, dayMs / 2);
  return {
    id: `monitor_${randomLetters(random)}`,
    websetId: `webset_${randomLetters(createRandom(mixSeed(between(random, 1, options.websets ?? 12))))}`,
    status: random() < (options.disabledShare ?? 0) ? 'disabled' : 'enabled',
    cadence,
    behavior: {
      type: 'search',
      config: {
        query: topic,
        criteria: [{ description: `Is about ${topic}` }],
        entity: { type: 'company' },
        count: between(random, 1, 20) * 5,
        behavior: 'append',
      },
    },
    metadata: { team: pick(random, teams), priority: pick(random, ['low', 'normal', 'high']) },
    createdAtMs,
    firesOnSchedule: options.firesOnSchedule ?? true,
    runs: createGeneratedRuns({
      profile,
      count,
      openCount: Math.min(count, options.openRunsPerMonitor ?? 0),
      lastFireMs,
      nowMs,
    }),
    planScheduledRun: (firedAtMs, ordinal) =>
      planGeneratedRun(profile, count + ordinal, firedAtMs + (mixSeed(seed, ordinal) % 5000)),
  };
}

/** Most monitors hardly ever fail, some often, a few most of the time. */
function makeProfile(random: Random, seed: number): RunProfile {
  const kind = random();
  const frequent = kind < 0.95 ? 0.05 + random() * 0.15 : 0.4 + random() * 0.4;
  return {
    seed,
    failureRate: kind < 0.75 ? random() * 0.03 : frequent,
    medianDurationMs: between(random, 40, 1200) * 1000,
    refreshShare: random() < 0.3 ? 0.5 : 0.05,
    usualReason: between(random, 0, 7),
  };
}

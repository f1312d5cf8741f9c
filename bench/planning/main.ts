import { median } from '../statistics.ts';
import { simulate, type Outcome, type Period } from './simulate.ts';
import { variants } from './variants.ts';
import { createWorld, dayMs, hourMs, minuteMs, type Listing } from './world.ts';

const monitors = 40;
const days = 60;
/** Not counted: the first full walks fall into them. */
const warmUpDays = 10;
/** Figures are for an account of this size. */
const accountMonitors = 10_000;
const midnightMs = Date.UTC(2026, 0, 5);

const heading = [
  '| plan | requests a day | for single monitors | seen late | by, median | by, at most |',
  '| --- | ---: | ---: | ---: | ---: | ---: |',
];

interface Situation extends Listing {
  /** How long after a full quarter of an hour cycles begin. Schedules fire at full quarters, as people write them. */
  readonly cyclesAtMs: number;
}

const usual = { lastRun: 'newest', nextRunAt: 'shown', cyclesAtMs: 7 * minuteMs } as const;
const hourLate = { lateByMs: hourMs };

const situations: readonly Situation[] = [
  { ...usual, name: 'An honest listing' },
  { ...usual, name: 'An honest listing, cycles at the instants at which schedules fire', cyclesAtMs: 0 },
  { ...usual, name: '`lastRun` an hour late', lastRun: hourLate },
  {
    ...usual,
    name: '`lastRun` an hour late, cycles at the instants of firing',
    lastRun: hourLate,
    cyclesAtMs: 0,
  },
  { ...usual, name: '`lastRun` twelve hours late', lastRun: { lateByMs: 12 * hourMs } },
  { ...usual, name: '`lastRun` one run behind', lastRun: { lateByRuns: 1 } },
  { ...usual, name: '`lastRun` always null', lastRun: 'null' },
  { ...usual, name: '`lastRun` names a run that is not listed', lastRun: 'wrong' },
  { ...usual, name: '`nextRunAt` always null', nextRunAt: 'null' },
  { ...usual, name: '`nextRunAt` always null, `lastRun` an hour late', lastRun: hourLate, nextRunAt: 'null' },
];

function periodOf({ cyclesAtMs }: Situation): Period {
  const startMs = midnightMs + cyclesAtMs;
  return {
    startMs,
    endMs: startMs + days * dayMs,
    cycleMs: 15 * minuteMs,
    countFromMs: startMs + warmUpDays * dayMs,
  };
}

const world = createWorld(monitors, days, midnightMs);
for (const situation of situations) {
  const rows = variants.map((variant) => formatRow(simulate(variant, situation, world, periodOf(situation))));
  process.stdout.write(`${[`**${situation.name}**`, '', ...heading, ...rows, ''].join('\n')}\n`);
}

function formatRow({
  variant,
  monitorRequests,
  listings: listed,
  eventCycles,
  events,
  runs,
  delaysMs,
}: Outcome): string {
  const countedDays = days - warmUpDays;
  const scale = accountMonitors / monitors;
  const single = (monitorRequests * scale) / countedDays;
  const pages =
    (listed * (accountMonitors / 200) + Math.max(eventCycles, (events * scale) / 200)) / countedDays;
  const late = ((delaysMs.length / (2 * runs)) * 100).toFixed(1);
  const longest = delaysMs.reduce((most, ms) => Math.max(most, ms), 0);
  const cells = [
    variant,
    formatCount(single + pages),
    formatCount(single),
    delaysMs.length === 0 ? '0' : `${late} %`,
    delaysMs.length === 0 ? '' : formatHours(median(delaysMs)),
    delaysMs.length === 0 ? '' : formatHours(longest),
  ];
  return `| ${cells.join(' | ')} |`;
}

function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function formatHours(ms: number): string {
  return `${(ms / hourMs).toFixed(1)} h`;
}

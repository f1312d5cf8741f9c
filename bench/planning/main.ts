import { median } from '../statistics.ts';
import { simulate, type Outcome, type Period } from './simulate.ts';
import { variants } from './variants.ts';
import { createWorld, dayMs, hourMs, minuteMs, type Listing } from './world.ts';

const monitors = 100;
const days = 60;
/** Figures are for an account of this size. */
const accountMonitors = 10_000;
const startMs = Date.UTC(2026, 0, 5, 0, 7);

const listings: readonly Listing[] = [
  { name: 'honest', lastRun: 'newest', nextRunAt: 'shown' },
  { name: '`lastRun` an hour late', lastRun: { lateByMs: hourMs }, nextRunAt: 'shown' },
  { name: '`lastRun` twelve hours late', lastRun: { lateByMs: 12 * hourMs }, nextRunAt: 'shown' },
  { name: '`lastRun` one run behind', lastRun: { lateByRuns: 1 }, nextRunAt: 'shown' },
  { name: '`lastRun` always null', lastRun: 'null', nextRunAt: 'shown' },
  { name: '`lastRun` names a run that is not listed', lastRun: 'wrong', nextRunAt: 'shown' },
  { name: '`nextRunAt` always null', lastRun: 'newest', nextRunAt: 'null' },
  { name: '`nextRunAt` null and `lastRun` an hour late', lastRun: { lateByMs: hourMs }, nextRunAt: 'null' },
];

const period: Period = {
  startMs,
  endMs: startMs + days * dayMs,
  cycleMs: 15 * minuteMs,
  countFromMs: startMs + 10 * dayMs,
};
const world = createWorld(monitors, days, startMs);
const lines = listings.flatMap((listing) => [
  `**${listing.name}**\n`,
  '| plan | requests a day | of them for single monitors | rows late | by, median | by, at most |',
  '| --- | ---: | ---: | ---: | ---: | ---: |',
  ...variants.map((variant) => formatRow(simulate(variant, listing, world, period))),
  '',
]);
process.stdout.write(`${lines.join('\n')}\n`);

function formatRow({
  variant,
  monitorRequests,
  listings: listed,
  eventCycles,
  events,
  runs,
  delaysMs,
}: Outcome): string {
  const countedDays = (period.endMs - period.countFromMs) / dayMs;
  const scale = accountMonitors / monitors;
  const single = (monitorRequests * scale) / countedDays;
  const pages =
    (listed * (accountMonitors / 200) + Math.max(eventCycles, (events * scale) / 200)) / countedDays;
  const late = ((delaysMs.length / runs) * 100).toFixed(1);
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

import { writeFile } from 'node:fs/promises';
import type { CaseResult, Finding } from './bench-case.ts';
import { renderChart } from './chart.ts';
import type { Machine } from './machine.ts';

const heading = '| what | figure | target | met | behind it |\n| --- | --- | --- | --- | --- |';

export interface Run {
  readonly machine: Machine;
  readonly startedAt: Date;
  readonly minutes: number;
  readonly rounds: number;
  readonly results: readonly CaseResult[];
}

/** The findings as a Markdown table. */
export function formatTable(results: readonly CaseResult[]): string {
  return [heading, ...results.flatMap(({ findings }) => findings.map(formatRow))].join('\n');
}

function formatRow({ what, figure, target, met, behind }: Finding): string {
  return `| ${what} | **${figure}** | ${target} | ${met ? 'yes' : '**no**'} | ${behind} |`;
}

/** Writes `docs/benchmarks.md` and its chart. */
export async function writeReport(run: Run): Promise<void> {
  await writeFile('docs/benchmarks.svg', renderChart(run.results.flatMap(({ bars }) => bars)));
  await writeFile('docs/benchmarks.md', formatReport(run));
}

function formatReport({ machine, startedAt, minutes, rounds, results }: Run): string {
  return `# Benchmarks

Written by \`npm run bench\`; run it to get your own. \`npm run bench -- --only latency\` runs one case, \`--rounds 5\`
repeats the comparisons more often, \`BENCH_DATABASE_URL\` names a server to use instead of the embedded Postgres.

- Machine: ${machine.description}. It also ran Postgres and the simulator of the API. Load average before the run:
  ${machine.loadBefore.toFixed(1)}.
- Versions: ${machine.versions}.
- ${startedAt.toISOString().slice(0, 10)}, ${minutes.toFixed(0)} minutes in all.

![Rows a second](benchmarks.svg)

${formatTable(results)}

## How it is measured

Every contender runs in a process of its own, against the same simulator in a third one and the same Postgres (fsync on),
each time in a new database. Times start when the modules are loaded and end when the last row is committed.
Comparisons alternate ${rounds} times; ratios are formed within a round, and the median of the rounds is shown. The account
is 100 monitors with 2,000 runs each, 200 to a page, unless a row says otherwise.

- **COPY** puts the same rows, ready as text, into the same empty table with the same indexes by one \`COPY\`.
- **Fetch only** asks for the same pages at the same concurrency with the same client, parses and drops them.
- **The ten-minute script** is \`bench/workers/script-worker.ts\`: \`exa-js\` for the pages,
  \`p-limit(8)\` over the monitors, \`insert().values().onConflictDoUpdate()\` of each page into the same table.
`;
}

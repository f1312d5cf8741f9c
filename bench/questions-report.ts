import type { HistorySize } from './generate-history.ts';
import type { Machine } from './machine.ts';
import type { Question } from './standard-questions.ts';
import { thousands } from './statistics.ts';

export interface Measured {
  readonly question: Question;
  readonly wallMs: number;
  readonly fastestMs: number;
  /** Of one core, without parallel workers. */
  readonly cpuMs: number;
  readonly plan: string;
}

export interface QuestionsRun {
  readonly machine: Machine;
  readonly size: HistorySize;
  readonly rounds: number;
  readonly measured: readonly Measured[];
  readonly relations: readonly { readonly name: string; readonly size: string }[];
}

/** The tables and plans that stand between the marks of `docs/query-plans.md`. */
export function formatQuestions({ machine, size, rounds, measured, relations }: QuestionsRun): string {
  return `- ${thousands(size.monitors)} monitors with ${thousands(size.runsPerMonitor)} runs each, one a day: ${thousands(size.monitors * size.runsPerMonitor)} runs.
- Machine: ${machine.description}. Load average at the end of the run: ${machine.loadBefore.toFixed(1)}, so that the
  median shows what a question takes beside that; the fastest of the rounds is nearest to a machine of its own.
- Versions: ${machine.versions}.
- Warm, ${rounds} times each: median and fastest of the wall clock, and the processor time of one core without parallel workers.
  The whole answer is made, as text, and thrown away by the server.

| question | median | fastest | processor | target |
| --- | --- | --- | --- | --- |
${measured.map(formatRow).join('\n')}

| table or index | size |
| --- | --- |
${relations.map((relation) => `| \`${relation.name}\` | ${relation.size} |`).join('\n')}

${measured.map(formatPlan).join('\n')}`;
}

function formatRow({ question: { name, targetMs }, wallMs, fastestMs, cpuMs }: Measured): string {
  const target = targetMs === null ? '' : `${targetMs} ms`;
  return `| ${name} | ${wallMs.toFixed(0)} ms | ${fastestMs.toFixed(0)} ms | ${cpuMs.toFixed(0)} ms | ${target} |`;
}

function formatPlan({ question: { name, query }, plan }: Measured): string {
  return `### ${name[0]?.toUpperCase()}${name.slice(1)}

\`\`\`sql
${query}
\`\`\`

\`\`\`text
${plan}
\`\`\`
`;
}

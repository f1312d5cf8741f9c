import { queryWithDefaults, type Question } from './question.ts';

const introduction = `# SQL cookbook

Questions that people ask, each with a query that a test runs against data whose answer is known. \`exa-monitor-sync query --question NAME\`
asks them, with \`--param name=value\` for what can be chosen; in any other tool paste the query, in which the defaults stand.

The views and their columns are described in the database (\`\\d+ monitor_health\` in psql). The failure rate is failed / (completed +
failed) everywhere; over several rows of \`failure_rates_daily\` it is \`failure_rate(sum(failed), sum(completed))\`, never the average
of rates. Days are UTC, by the creation of the run. Runs and monitors that Exa no longer has are included: add \`absent_since is
null\` to leave them out.

With a warehouse of millions of runs, filter on \`day\` where a question spans all monitors: an index holds it. Rates, counts and durations of a
span are read from that index alone; a question that reads the runs themselves, or more than its span, says so. Sums over all
monitors are fastest from \`monitor_run_facts\`, which several processors can read at once ([query-plans.md](query-plans.md)).
`;

/** The page of the cookbook, docs/sql-cookbook.md. */
export function renderCookbook(questions: readonly Question[]): string {
  return [introduction, ...questions.map(renderQuestion)].join('\n');
}

function renderQuestion(question: Question): string {
  const { title, name, about, parameters } = question;
  const chosen = Object.entries(parameters).map(
    ([parameter, { default: value, about: what }]) => `- \`${parameter}\` (${value}): ${what}`,
  );
  const parts = [
    `## ${title}`,
    ...(about === '' ? [] : [about]),
    [`\`${name}\``, ...(chosen.length === 0 ? [] : ['', ...chosen])].join('\n'),
    `\`\`\`sql\n${queryWithDefaults(question)}\n\`\`\``,
  ];
  return `${parts.join('\n\n')}\n`;
}

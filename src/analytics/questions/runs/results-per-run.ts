import type { Question } from '../question.ts';

export const resultsPerRun: Question = {
  name: 'results-per-run',
  title: 'How many results do runs of Search Monitors bring, and how many bring none?',
  about: 'Of completed runs whose output was kept (`SYNC_OUTPUTS`). Reads every run of these days.',
  parameters: {
    days: { type: 'integer', default: 30, about: 'Days up to today.' },
  },
  sql: `
    select
      facts.monitor_name,
      count(*) as runs,
      round(avg(outputs.results), 1) as results_per_run,
      count(*) filter (where outputs.results = 0) as runs_without_results,
      facts.monitor_id
    from monitor_run_facts facts
    join monitor_run_outputs outputs on outputs.run_id = facts.run_id
    where facts.day > utc_day(now()) - :days and facts.status = 'completed'
    group by facts.monitor_name, facts.monitor_id
    order by results_per_run, facts.monitor_id`,
};

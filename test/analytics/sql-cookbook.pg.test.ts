import { describe, expect, it } from 'vitest';
import { questions } from '../../src/analytics/questions/catalogue.ts';
import { prepareQuestion } from '../../src/analytics/questions/question.ts';
import { createFrozenWarehouse, fillWarehouse } from './cookbook-data.ts';

/** Worked out by hand from the data. Counts come as text, since Postgres counts in 64 bits. */
const answers: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  'Can I trust the numbers: is everything synced?': [
    ['all', null, true, null, 0, 0, 'the API answered 503'],
    ['monitor', 'unread', true, null, 0, 0, null],
  ],
  'Which monitors need attention?': [
    ['broken', 'failing', 2, 2 / 3, 3, true, 1, '2026-03-15T08:00:00.000Z'],
    ['flaky', 'degraded', 0, 3 / 7, 7, false, 0, '2026-03-18T07:00:00.000Z'],
  ],
  'What is the failure rate by week and webset?': [
    ['2026-03-09T00:00:00.000Z', 'jobs', '3', '10', '0.231', true],
    ['2026-03-09T00:00:00.000Z', 'news', '0', '2', '0.000', true],
    ['2026-03-16T00:00:00.000Z', 'jobs', '1', '5', '0.167', false],
    ['2026-03-16T00:00:00.000Z', 'news', '2', '0', '1.000', false],
  ],
  'What is the failure rate of each of the last days, days without runs included?': [
    ['2026-03-08T00:00:00.000Z', '0', '0', null],
    ['2026-03-09T00:00:00.000Z', '2', '0', '0.000'],
    ['2026-03-10T00:00:00.000Z', '3', '1', '0.333'],
    ['2026-03-11T00:00:00.000Z', '2', '0', '0.000'],
    ['2026-03-12T00:00:00.000Z', '1', '1', '1.000'],
    ['2026-03-13T00:00:00.000Z', '2', '0', '0.000'],
    ['2026-03-14T00:00:00.000Z', '2', '0', '0.000'],
    ['2026-03-15T00:00:00.000Z', '3', '1', '0.333'],
    ['2026-03-16T00:00:00.000Z', '4', '1', '0.333'],
    ['2026-03-17T00:00:00.000Z', '3', '2', '0.667'],
    ['2026-03-18T00:00:00.000Z', '2', '0', '0.000'],
  ],
  'Which monitors are flakiest?': [
    ['flaky', '8', '10'],
    ['broken', '1', '3'],
  ],
  'How long does it take to recover?': [
    ['broken', '0', null, '1'],
    ['flaky', '4', '24.0', '0'],
  ],
  'How much of the error budget is used?': [
    ['broken', '2', '0.3', '6.67'],
    ['flaky', '4', '1.0', '4.00'],
    ['daily', '0', '0.9', '0.00'],
    ['gone', '0', '0.1', '0.00'],
  ],
  'Which monitors got worse from one week to the next?': [['flaky', '0.333', '0.429']],
  'Which runs were worse than the one before?': [
    ['daily', 'daily-18', 'completed', 'completed', 60, 600],
    ['flaky', 'flaky-17', 'completed', 'failed', 100, 100],
    ['broken', 'broken-16', 'completed', 'failed', 30, 30],
    ['flaky', 'flaky-15', 'completed', 'failed', 100, 100],
  ],
  "Where are gaps in a monitor's runs, measured by its own rhythm?": [
    ['broken', '2026-03-17T08:00:00.000Z', null, '2.3'],
    ['broken', '2026-03-15T08:00:00.000Z', '2026-03-16T08:00:00.000Z', '2.0'],
    ['daily', '2026-03-11T06:00:00.000Z', '2026-03-13T06:00:00.000Z', '2.0'],
  ],
  'Which monitors missed a run, measured by their cadence?': [
    ['broken', '1', '2026-03-18T07:55:00.000Z', '2026-03-18T07:55:00.000Z'],
    ['daily', '1', '2026-03-12T06:00:00.000Z', '2026-03-12T06:00:00.000Z'],
  ],
  'Which runs took unusually long?': [['daily', 'daily-18', 600, 60]],
  'How long do runs take, day by day?': [
    ['2026-03-16T00:00:00.000Z', 60, 96],
    ['2026-03-17T00:00:00.000Z', 60, 96],
    ['2026-03-18T00:00:00.000Z', 350, 575],
  ],
  'How long do runs wait before they start?': [['daily', '1', 45]],
  'What are the top reasons lately?': [
    ['Timeout after <n> ms', 4, 2, '2026-03-17T07:00:00.000Z', 'Timeout after 8000 ms'],
    ['Quota of <text> used up', 1, 1, '2026-03-17T08:00:00.000Z', 'Quota of "acme" used up'],
  ],
  'Which reasons are new?': [['Quota of <text> used up', 1, '2026-03-17T08:00:00.000Z', 'broken-17']],
  'What failed last?': [
    ['2026-03-17T08:00:00.000Z', 'broken', 'Quota of "acme" used up'],
    ['2026-03-17T07:00:00.000Z', 'flaky', 'Timeout after 8000 ms'],
    ['2026-03-16T08:00:00.000Z', 'broken', 'Timeout after 1000 ms'],
  ],
  'What has changed lately?': [
    ['broken', '0', '1', '1'],
    ['daily', '1', '0', '0'],
    ['flaky', '1', '0', '0'],
  ],
  'Which runs are stuck, which monitors overdue?': [
    ['stuck run', 'broken', 'broken-16-evening', '2026-03-16T20:00:00.000Z'],
    ['overdue monitor', 'broken', null, '2026-03-18T08:00:00.000Z'],
  ],
  'When do runs fail: at which hour, in my time zone?': [
    [8, '4', '0.400'],
    [9, '2', '0.667'],
  ],
  'How do teams compare, by the metadata of their monitors?': [
    ['sales', '2', '5', '0.500'],
    ['growth', '2', '19', '0.211'],
  ],
  'What does Exa no longer have?': [
    ['run', 'gone-10', '2026-03-15T00:00:00.000Z'],
    ['monitor', 'gone', '2026-03-16T00:00:00.000Z'],
  ],
  'What does the sync cost?': [
    ['2026-03-17T00:00:00.000Z', '1', '0', '12', '5'],
    ['2026-03-18T00:00:00.000Z', '2', '1', '10', '2'],
  ],
};

describe('the cookbook', () => {
  it('answers every question rightly, in any time zone of the reader', { timeout: 60_000 }, async () => {
    const sql = await createFrozenWarehouse();
    await fillWarehouse(sql);
    // On 15 March 2026 the day began at one in the morning in the last of them.
    for (const zone of ['UTC', 'America/New_York', 'Asia/Kolkata', '<-10>10<-09>,M3.3.0/0,M11.1.0/0']) {
      await sql`select set_config('TimeZone', ${zone}, false)`;
      for (const question of questions) {
        const { text, values } = prepareQuestion(question, {});
        const rows = await sql.unsafe(text, [...values]);
        const answer: unknown = JSON.parse(JSON.stringify(rows.map((row) => Object.values(row))));
        const { title } = question;
        expect({ zone, title, answer }).toEqual({ zone, title, answer: answers[title] });
      }
    }
  });

  it('has the questions that are answered here and no other', () => {
    expect(questions.map(({ title }) => title)).toEqual(Object.keys(answers));
    expect(new Set(questions.map(({ name }) => name)).size).toBe(questions.length);
  });

  it('answers every question without an error, however little or odd the data is', async () => {
    for (const runs of [
      // No run, one run, runs that fail at once, runs at one instant.
      [],
      [['2026-03-17T06:00:00Z', 60]],
      [
        ['2026-03-15T06:00:00Z', 0],
        ['2026-03-16T06:00:00Z', 0],
        ['2026-03-17T06:00:00Z', 9],
      ],
      [
        ['2026-03-17T06:00:00Z', 60],
        ['2026-03-17T06:00:00Z', 60],
        ['2026-03-17T06:00:00Z', 60],
      ],
    ] as const) {
      const sql = await createFrozenWarehouse();
      await sql`insert into monitors (id, webset_id, status, cadence_cron, cadence_timezone, behavior, metadata, created_at,
          updated_at)
        select 'm', 'w', 'enabled', '0 6 * * *', 'Etc/UTC', '{}', '{}', '2026-03-01', '2026-03-01' where ${runs.length > 0}`;
      for (const [index, [createdAt, seconds]] of runs.entries()) {
        await sql`insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, failed_at, failed_reason,
            answer)
          values (${`r${index}`}, 'm', 'failed', 'search', ${createdAt}, ${createdAt},
            ${createdAt}::timestamptz + ${seconds} * interval '1 second', 'no', 1)`;
      }
      for (const question of questions) {
        const { text, values } = prepareQuestion(question, {});
        await expect(sql.unsafe(text, [...values]), question.name).resolves.toBeDefined();
      }
    }
  });

  it('does not call a run worse that succeeded after a failure, however long it took', async () => {
    const sql = await createFrozenWarehouse();
    await fillWarehouse(sql);
    await sql`update monitor_runs set completed_at = completed_at + interval '1 day' where id = 'flaky-18'`;
    const question = questions.find(({ name }) => name === 'worse-than-the-run-before');
    if (question === undefined) throw new Error('the question is gone');
    const { text, values } = prepareQuestion(question, {});
    const rows = await sql.unsafe(text, [...values]);
    expect(rows.map((row) => String(row['run_id']))).not.toContain('flaky-18');
  });
});

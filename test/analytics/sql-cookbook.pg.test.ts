import { describe, expect, it } from 'vitest';
import { questions } from '../../src/analytics/questions/catalogue.ts';
import { prepareQuestion } from '../../src/analytics/questions/question.ts';
import { answers } from './cookbook-answers.ts';
import { createFrozenWarehouse, fillWarehouse } from './cookbook-data.ts';

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

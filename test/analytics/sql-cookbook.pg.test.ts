import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
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
    ['unread', 'stale', 0, null, 0, false, 0, null],
  ],
  'What is the failure rate by week and webset?': [
    ['2026-03-09T00:00:00.000Z', 'jobs', '3', '10', '0.231'],
    ['2026-03-09T00:00:00.000Z', 'news', '0', '2', '0.000'],
    ['2026-03-16T00:00:00.000Z', 'jobs', '1', '5', '0.167'],
    ['2026-03-16T00:00:00.000Z', 'news', '2', '0', '1.000'],
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
  'What are the top reasons of the last week?': [
    ['Timeout after <n> ms', 4, 2, '2026-03-17T07:00:00.000Z', 'Timeout after 8000 ms'],
    ['Quota of <text> used up', 1, 1, '2026-03-17T08:00:00.000Z', 'Quota of "acme" used up'],
  ],
  'Which reasons are new?': [['Quota of <text> used up', 1, '2026-03-17T08:00:00.000Z', 'broken-17']],
  'What failed last?': [
    ['2026-03-17T08:00:00.000Z', 'broken', 'Quota of "acme" used up'],
    ['2026-03-17T07:00:00.000Z', 'flaky', 'Timeout after 8000 ms'],
    ['2026-03-16T08:00:00.000Z', 'broken', 'Timeout after 1000 ms'],
  ],
  'What has changed since yesterday?': [
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

/** Question to query. */
function readCookbook(): ReadonlyMap<string, string> {
  const text = readFileSync(new URL('../../docs/sql-cookbook.md', import.meta.url), 'utf8');
  const recipes = text.matchAll(/^## (.+)\n[^]*?```sql\n([^]*?)```/gm);
  return new Map([...recipes].map(([, question = '', query = '']) => [question, query]));
}

describe('the cookbook', () => {
  it('answers every question rightly, in any time zone of the reader', { timeout: 60_000 }, async () => {
    const sql = await createFrozenWarehouse();
    await fillWarehouse(sql);
    // On 15 March 2026 the day began at one in the morning in the last of them.
    for (const zone of ['UTC', 'America/New_York', 'Asia/Kolkata', '<-10>10<-09>,M3.3.0/0,M11.1.0/0']) {
      await sql`select set_config('TimeZone', ${zone}, false)`;
      for (const [question, query] of readCookbook()) {
        const rows = await sql.unsafe(query);
        const answer: unknown = JSON.parse(JSON.stringify(rows.map((row) => Object.values(row))));
        expect({ zone, question, answer }).toEqual({ zone, question, answer: answers[question] });
      }
    }
  });

  it('has the questions that are answered here and no other', () => {
    expect([...readCookbook().keys()]).toEqual(Object.keys(answers));
  });
});

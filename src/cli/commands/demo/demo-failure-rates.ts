import { sql } from 'drizzle-orm';
import type { Database } from '../../../warehouse/connection/database.ts';
import { formatCount } from '../../terminal/format.ts';
import { renderTable } from '../../terminal/table.ts';

/** Shown to the person as well, to be changed and run again in psql. */
export const failureRatesQuery = `
select m.id as monitor,
       m.behavior #>> '{config,query}' as query,
       count(*) as runs,
       count(*) filter (where r.status = 'failed') as failed,
       count(*) filter (where r.finished_at is null) as open,
       round(100.0 * count(*) filter (where r.status = 'failed')
         / nullif(count(*) filter (where r.status in ('completed', 'failed')), 0), 1) as failure_percent
  from monitors m join monitor_runs r on r.monitor_id = m.id
 group by m.id
 order by failure_percent desc nulls last
 limit 10;`.trim();

interface FailureRateRow extends Record<string, unknown> {
  readonly monitor: string;
  readonly query: string | null;
  readonly runs: string;
  readonly failed: string;
  readonly open: string;
  readonly failure_percent: string | null;
}

/** The monitors that fail most often, as a table. */
export async function loadFailureRates(database: Database): Promise<string> {
  const rows = await database.transaction((tx) => tx.execute<FailureRateRow>(sql.raw(failureRatesQuery)));
  const numbers = ['runs', 'failed', 'open', 'failure rate'];
  return renderTable(
    ['monitor', 'query', ...numbers],
    rows.map((row) => [
      row.monitor,
      row.query ?? '',
      formatCount(Number(row.runs)),
      formatCount(Number(row.failed)),
      formatCount(Number(row.open)),
      row.failure_percent === null ? '' : `${row.failure_percent} %`,
    ]),
    numbers,
  );
}

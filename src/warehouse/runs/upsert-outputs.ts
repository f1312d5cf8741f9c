import { sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '../connection/transaction.ts';
import { toJsonText } from '../../sync/exact-number.ts';
import type { Run } from '../../sync/model.ts';
import type { RunsOfAnswer } from './upsert-runs.ts';

/**
 * Upserts what the runs of an answer found, as far as they say. An older answer never overwrites a newer one; an output
 * that is as stored is not touched, neither are its results. What was found stands in the text of the statements once: it
 * may be megabytes.
 *
 * What is stored is looked up record by record (`offset 0` keeps the planner from making a join of it): a join would read
 * the whole table at each page while that is young and without statistics.
 */
export function upsertOutputs({ sourceId, rank, runs }: RunsOfAnswer): readonly SQL[] {
  const outputs = runs.flatMap(outputOf);
  if (outputs.length === 0) return [];
  const answer = sql.raw(String(rank));
  const columns = ['url', 'title', 'published', 'author', 'text', 'extra'];
  const listOf = (prefix: string): SQL => sql.raw(columns.map((name) => `${prefix}.${name}`).join(', '));
  const assigned = sql.raw(columns.map((name) => `${name} = excluded.${name}`).join(', '));
  return [
    sql`with incoming as materialized (
        select * from json_to_recordset(${toJsonText(runs.flatMap(resultsOf))}::json) as incoming ("runId" text,
          position integer, url text, title text, published text, author text, text text, extra jsonb)
      ), moved as materialized (
        select incoming."runId" as run_id from incoming
        left join lateral (
          select * from monitor_run_results
          where run_id = incoming."runId" and position = incoming.position offset 0
        ) stored on true
        where stored.run_id is null or (${listOf('stored')}) is distinct from (${listOf('incoming')})
      ), written as (
        insert into monitor_run_outputs (run_id, content, grounding, results, answer)
        select incoming.id, incoming.content, incoming.grounding, incoming.results, ${answer}
        from json_to_recordset(${toJsonText(outputs)}::json)
          as incoming (id text, content jsonb, grounding jsonb, results integer)
        cross join lateral (
          select from monitor_runs where id = incoming.id and source_id = ${sourceId} offset 0
        ) run
        on conflict (run_id) do update
        set content = excluded.content, grounding = excluded.grounding, results = excluded.results,
          answer = excluded.answer
        where monitor_run_outputs.answer <= excluded.answer
          and ((monitor_run_outputs.content, monitor_run_outputs.grounding, monitor_run_outputs.results)
              is distinct from (excluded.content, excluded.grounding, excluded.results)
            or excluded.run_id in (select run_id from moved))
        returning run_id
      )
      insert into monitor_run_results (run_id, position, ${sql.raw(columns.join(', '))})
      select incoming."runId", incoming.position, ${listOf('incoming')} from incoming
      join written on written.run_id = incoming."runId"
      on conflict (run_id, position) do update set ${assigned}`,
    // A statement of its own: it sees what another answer has written meanwhile.
    sql`delete from monitor_run_results
      where run_id = any (array(
          select written.run_id from json_array_elements_text(${JSON.stringify(outputs.map(({ id }) => id))}::json) as id
          cross join lateral (
            select run_id from monitor_run_outputs where run_id = id and answer = ${answer} offset 0
          ) written))
        and position > (select results from monitor_run_outputs written where written.run_id = monitor_run_results.run_id)`,
  ];
}

/** Characters. Of what is longer the statements exist several times until they are sent. */
const largeLength = 256 * 1024;

/** Whether what these runs found is so much that such pages should be written one after the other. */
export function findsMuch(runs: readonly Run[]): boolean {
  let length = 0;
  return runs.some(({ output }) =>
    (output?.results ?? []).some(({ text, title, url, extra }) => {
      length += (text ?? '').length + (title ?? '').length + (url ?? '').length + (extra === null ? 0 : 200);
      return length > largeLength;
    }),
  );
}

/** Those of the runs that have no output stored, looked up one by one: a join would read a young table whole. */
export async function findWithoutOutput(
  tx: Transaction,
  runIds: readonly string[],
): Promise<readonly string[]> {
  const rows = await tx.execute<{ id: string }>(sql`
    select id from json_array_elements_text(${JSON.stringify(runIds)}::json) as id
    where (select true from monitor_run_outputs where run_id = id limit 1) is null`);
  return rows.map(({ id }) => id);
}

function outputOf({ id, output }: Run) {
  if (output === null) return [];
  const { content, grounding, results } = output;
  return [{ id, content, grounding, results: results.length }];
}

function resultsOf({ id, output }: Run): readonly object[] {
  return (output?.results ?? []).map((result, index) => ({ runId: id, position: index + 1, ...result }));
}

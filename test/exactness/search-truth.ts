/** Compares what `truth.ts` leaves out of Search Monitors: names, triggers, schemas, and all of what their runs found. */
import type { Sql } from 'postgres';
import type { OutputWish } from '../../src/exa/records/run-output.ts';
import type { SearchAccount } from '../../src/simulator/search/search-account.ts';
import type { JsonValue } from '../../src/simulator/state/json-record.ts';
import { sorted, storable, textOf, toObject, type Row } from './served-rows.ts';
import { compareRows, join, type Differences } from './truth.ts';

/** `wish`: what is kept of what runs found. */
export async function compareFindings(
  sql: Sql,
  search: SearchAccount,
  sourceId: number,
  wish: OutputWish,
): Promise<Differences> {
  const runs = search.monitorIds().flatMap((id) => search.servedRuns(id));
  const outputs = runs.flatMap((run) => outputRow(toObject(storable(run)), wish));
  return join([
    compareRows('monitor', await loadMonitorRows(sql, sourceId), search.monitors().map(monitorRow), null),
    compareRows('output', await loadOutputRows(sql, sourceId), outputs, null),
  ]);
}

type Fields = Record<string, JsonValue>;

function monitorRow(served: JsonValue): Row {
  const monitor = toObject(storable(served));
  return {
    id: textOf(monitor['id']),
    name: monitor['name'],
    trigger: sorted(monitor['trigger']),
    outputSchema: sorted(monitor['outputSchema']),
    metadata: sorted(monitor['metadata'] ?? {}),
    absent: false,
  };
}

function outputRow(run: Fields, wish: OutputWish): Row[] {
  const output = run['output'] ?? null;
  if (output === null || wish === 'none') return [];
  const { content = null, grounding = null, results } = toObject(output);
  const found = Array.isArray(results) ? results.map((result: JsonValue) => resultRow(result, wish)) : [];
  return [
    {
      id: textOf(run['id']),
      content: sorted(content),
      grounding: sorted(grounding),
      count: found.length,
      results: found,
      absent: false,
    },
  ];
}

function resultRow(served: JsonValue, wish: OutputWish): unknown {
  const {
    url = null,
    title = null,
    publishedDate = null,
    author = null,
    text = null,
    ...rest
  } = toObject(served);
  const others = Object.entries(rest).filter(([field, value]) => field !== 'id' || value !== url);
  const extra = others.length === 0 ? null : Object.fromEntries(others);
  const kept = wish === 'everything' ? text : null;
  return sorted({ url, title, published: publishedDate, author, text: kept, extra });
}

async function loadMonitorRows(sql: Sql, sourceId: number): Promise<Row[]> {
  const rows = await sql<Row[]>`
    select id, name, trigger, output_schema as "outputSchema", metadata, absent_since is not null as absent
    from monitors where source_id = ${sourceId}`;
  return rows.map((row) => ({
    ...row,
    trigger: sorted(row['trigger']),
    outputSchema: sorted(row['outputSchema']),
    metadata: sorted(row['metadata']),
  }));
}

async function loadOutputRows(sql: Sql, sourceId: number): Promise<Row[]> {
  const rows = await sql<Row[]>`
    select run_id as id, content, grounding, results as count, false as absent, coalesce((
      select json_agg(json_build_object('url', url, 'title', title, 'published', published, 'author', author,
        'text', text, 'extra', extra) order by position)
      from monitor_run_results where run_id = output.run_id
    ), '[]') as results
    from monitor_run_outputs output join monitor_runs on monitor_runs.id = run_id
    where source_id = ${sourceId}`;
  return rows.map((row) => ({
    ...row,
    content: sorted(row['content']),
    grounding: sorted(row['grounding']),
    results: sorted(row['results']),
  }));
}

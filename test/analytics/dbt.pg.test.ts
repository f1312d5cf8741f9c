import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createTestDatabase } from '../postgres/database.ts';

const page = readFileSync(new URL('../../docs/dbt.md', import.meta.url), 'utf8');

function fenced(language: string): string {
  const [, text] = new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(page) ?? [];
  if (text === undefined) throw new Error(`docs/dbt.md has no block of ${language}`);
  return text;
}

const period = z.strictObject({ count: z.int(), period: z.enum(['minute', 'hour', 'day']) });
const freshness = z.strictObject({
  warn_after: period,
  error_after: period.optional(),
  filter: z.string().optional(),
});
const tableSchema = z.strictObject({
  name: z.string(),
  description: z.string(),
  loaded_at_field: z.string().optional(),
  config: z.strictObject({ freshness }).optional(),
  columns: z.array(z.strictObject({ name: z.string(), data_tests: z.array(z.unknown()).optional() })),
});
const sourcesSchema = z.strictObject({
  version: z.literal(2),
  sources: z.array(
    z.strictObject({
      name: z.string(),
      description: z.string(),
      schema: z.string(),
      tables: z.array(tableSchema),
    }),
  ),
});

/** The model as dbt would compile it. */
function compile(model: string, { incremental }: { readonly incremental: boolean }): string {
  return model
    .replace(/\{\{ config\(.*?\) \}\}/, '')
    .replace(/\{% if is_incremental\(\) %\}([^]*?)\{% endif %\}/, incremental ? '$1' : '')
    .replaceAll(/\{\{ source\('exa', '(\w+)'\) \}\}/g, 'public.$1')
    .replaceAll('{{ this }}', 'models.fct_monitor_runs');
}

describe('the dbt page', () => {
  it('names tables, columns and filters that the warehouse has', async () => {
    const { sql } = await createTestDatabase();
    const { sources } = sourcesSchema.parse(parse(fenced('yaml')));
    for (const { name, loaded_at_field: loadedAt, config, columns } of sources.flatMap(
      ({ tables }) => tables,
    )) {
      const names = [...columns.map((column) => column.name), ...(loadedAt === undefined ? [] : [loadedAt])];
      const filter = config?.freshness.filter ?? 'true';
      const rows = await sql.unsafe(`select ${names.join(', ')} from ${name} where ${filter}`);
      expect(rows).toEqual([]);
    }
  });

  it('has a model that loads what is new or changed, once', async () => {
    const { sql } = await createTestDatabase();
    const model = fenced('sql');
    await sql`insert into monitors (id, webset_id, status, cadence_cron, cadence_timezone, behavior, metadata, created_at, updated_at)
      values ('m', 'w', 'enabled', '0 0 * * *', 'Etc/UTC', '{}', '{}', now(), now())`;
    await sql`insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, failed_reason, changed_at, answer)
      select id, 'm', 'failed', 'search', now(), now(), 'Error 5', changed_at::timestamptz, 1
      from (values ('old', '2026-01-01'), ('last', '2026-01-02')) runs (id, changed_at)`;
    await sql`create schema models`;
    await sql.unsafe(`create table models.fct_monitor_runs as ${compile(model, { incremental: false })}`);
    await sql`insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, changed_at, answer)
      values ('new', 'm', 'running', 'search', now(), now(), '2026-01-03', 1)`;

    const delta = await sql.unsafe(compile(model, { incremental: true }));
    expect(delta.map(({ run_id: id }) => String(id)).toSorted()).toEqual(['last', 'new']);
    await sql`create table loaded as select * from models.fct_monitor_runs`;
    await sql`truncate models.fct_monitor_runs`;
    // A first build on an empty warehouse must not be the last one that loads.
    expect(await sql.unsafe(compile(model, { incremental: true }))).toHaveLength(3);
    const loaded = await sql`select run_id, failure_reason from loaded order by run_id`;
    expect(loaded).toEqual([
      { run_id: 'last', failure_reason: 'Error <n>' },
      { run_id: 'old', failure_reason: 'Error <n>' },
    ]);
  });
});

import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';

/** The data source that `grafana/provisioning` makes. */
export const warehouse = { type: 'grafana-postgresql-datasource', uid: 'exa-monitor-sync' };

/** How Grafana reads an answer: as rows, or as one series for each column beside `time`. */
export type QueryFormat = 'table' | 'time_series';

interface SqlQuery extends Dataquery {
  readonly refId: string;
  readonly datasource: typeof warehouse;
  readonly format: QueryFormat;
  readonly rawQuery: true;
  readonly editorMode: 'code';
  readonly rawSql: string;
}

/** A query in SQL; the builder library has none for Postgres. */
export function createQuery(rawSql: string, format: QueryFormat): Builder<Dataquery> {
  const query: SqlQuery = {
    refId: 'A',
    datasource: warehouse,
    format,
    rawQuery: true,
    editorMode: 'code',
    rawSql: rawSql.trim().replaceAll(/^ {4}/gm, ''),
    _implementsDataqueryVariant: () => undefined,
  };
  return { build: () => query };
}

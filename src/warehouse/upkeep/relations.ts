import { getTableName, is } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import * as schema from '../schema.ts';
import * as watchSchema from '../watch-schema.ts';

/** The warehouse's views, as the migrations create them. */
export const viewNames: readonly string[] = [
  'failure_clusters',
  'failure_incidents',
  'failure_rates_daily',
  'failure_reasons',
  'missed_run_facts',
  'monitor_findings_weekly',
  'monitor_health',
  'monitor_pages',
  'monitor_run_configurations',
  'monitor_run_facts',
  'monitor_run_findings',
  'pages_of_several_monitors',
  'sync_freshness',
];

/** The tables. Not Drizzle's journal of migrations. */
export const tableNames: readonly string[] = [...Object.values(schema), ...Object.values(watchSchema)]
  .filter((table) => is(table, PgTable))
  .map(getTableName)
  .toSorted();

/** Everything of the warehouse that can be selected from. Not Drizzle's journal of migrations. */
export const relationNames: readonly string[] = [...viewNames, ...tableNames];

/** The functions of the views, and those that readers call beside them. Their names are not overloaded. */
export const readerFunctionNames: readonly string[] = [
  'failure_clusters_since',
  'failure_rate',
  'failure_reason_pattern',
  'failure_reasons_since',
  'is_final',
  'last_monitor_change',
  'monitor_name',
  'monitor_type',
  'rate_lower_bound',
  'runs_within',
  'utc_day',
];

/** The triggers that keep what is derived. */
export const triggerNames: readonly string[] = [
  'monitor_runs_deleted',
  'monitor_runs_inserted',
  'monitor_runs_truncated',
  'monitor_runs_updated',
  'monitors_updated',
];

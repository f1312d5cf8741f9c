import { QueryVariableBuilder, VariableRefresh } from '@grafana/grafana-foundation-sdk/dashboard';
import { warehouse } from './warehouse-query.ts';

/**
 * Conditions on accounts, APIs, websets and monitors. "All" stands for the column itself, so that it neither lists ten
 * thousand ids nor leaves anything out. Search Monitors have no webset.
 */
export const selectedSources = 'account in (${account:sqlstring}) and api in (${api:sqlstring})';
const webset = "coalesce(webset_id, '')";
const selectedWebsets = `${webset} in (\${webset:sqlstring})`;
export const selected = `${selectedSources} and ${selectedWebsets} and monitor_id in (\${monitor:sqlstring})`;

export const selectedMonitor = 'monitor_id = ${monitor:sqlstring}';

/** The days in UTC that the chosen time touches; an index of the warehouse holds days. */
export const selectedDays = 'day between utc_day($__timeFrom()) and utc_day($__timeTo())';

export function createSourceVariables(): readonly QueryVariableBuilder[] {
  return [
    createChoice('account', 'Account', 'select distinct account from sync_sources order by 1', 'account'),
    createChoice('api', 'API', 'select distinct api from sync_sources order by 1', 'api'),
  ];
}

export function createWebsetVariable(): QueryVariableBuilder {
  const query = 'select distinct webset_id from monitors where webset_id is not null order by 1';
  return createChoice('webset', 'Webset', query, webset);
}

export function createMonitorsVariable(): QueryVariableBuilder {
  const query = `select monitor_name as __text, monitor_id as __value from monitor_health
    where ${selectedSources} and ${selectedWebsets} order by 1, 2`;
  return createChoice('monitor', 'Monitor', query.replace(/\n +/, ' '), 'monitor_id');
}

/** One monitor; those that fail come first. */
export function createMonitorVariable(): QueryVariableBuilder {
  return createVariable(
    'monitor',
    'Monitor',
    `select monitor_name as __text, monitor_id as __value from monitor_health where ${selectedSources} order by failure_streak desc, failure_rate_30d desc nulls last, monitor_id`,
  );
}

/** Several values may be chosen, and at first all are. `all`: what stands for them in SQL. */
function createChoice(name: string, label: string, query: string, all: string): QueryVariableBuilder {
  return createVariable(name, label, query)
    .multi(true)
    .includeAll(true)
    .allValue(all)
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

function createVariable(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(warehouse)
    .query(query)
    .refresh(VariableRefresh.OnDashboardLoad);
}

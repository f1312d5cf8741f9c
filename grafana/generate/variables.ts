import { QueryVariableBuilder, VariableRefresh } from '@grafana/grafana-foundation-sdk/dashboard';
import { warehouse } from './warehouse-query.ts';

const selectedWebsets = 'webset_id in (${webset:sqlstring})';

/**
 * Conditions on `webset_id` and `monitor_id`. "All" stands for the column itself, so that it neither lists ten thousand
 * ids nor leaves anything out.
 */
export const selected = 'webset_id in (${webset:sqlstring}) and monitor_id in (${monitor:sqlstring})';

export const selectedMonitor = 'monitor_id = ${monitor:sqlstring}';

/** The days in UTC that the chosen time touches; an index of the warehouse holds days. */
export const selectedDays = 'day between utc_day($__timeFrom()) and utc_day($__timeTo())';

export function createWebsetVariable(): QueryVariableBuilder {
  return createVariable('webset', 'Webset', 'select distinct webset_id from monitors order by 1')
    .multi(true)
    .includeAll(true)
    .allValue('webset_id')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

export function createMonitorsVariable(): QueryVariableBuilder {
  return createVariable(
    'monitor',
    'Monitor',
    `select monitor_name as __text, monitor_id as __value from monitor_health where ${selectedWebsets} order by 1, 2`,
  )
    .multi(true)
    .includeAll(true)
    .allValue('monitor_id')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

/** One monitor; those that fail come first. */
export function createMonitorVariable(): QueryVariableBuilder {
  return createVariable(
    'monitor',
    'Monitor',
    'select monitor_name as __text, monitor_id as __value from monitor_health order by failure_streak desc, failure_rate_30d desc nulls last, monitor_id',
  );
}

function createVariable(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(warehouse)
    .query(query)
    .refresh(VariableRefresh.OnDashboardLoad);
}

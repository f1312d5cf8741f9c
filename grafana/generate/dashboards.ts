import type { Dashboard, DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { createMonitorDashboard } from './monitor-dashboard.ts';
import { createRunsDashboard } from './runs-dashboard.ts';
import { createSyncDashboard } from './sync-dashboard.ts';

/** The dashboards of `grafana/dashboards`, by the name of their file. */
export function createDashboards(): Readonly<Record<string, Dashboard>> {
  const builders: Readonly<Record<string, DashboardBuilder>> = {
    'runs.json': createRunsDashboard(),
    'monitor.json': createMonitorDashboard(),
    'sync.json': createSyncDashboard(),
  };
  return Object.fromEntries(Object.entries(builders).map(([name, builder]) => [name, builder.build()]));
}

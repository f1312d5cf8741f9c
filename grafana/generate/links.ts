export const monitorDashboardUid = 'exa-monitor';

/** From a cell with a monitor's id to the monitor's own dashboard, for the same time. */
export const monitorLink = {
  title: 'Show this monitor',
  url: `/d/${monitorDashboardUid}?var-monitor=\${__value.raw:percentencode}&\${__url_time_range}`,
};

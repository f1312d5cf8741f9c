import type { BarSeriesOption, EChartsOption } from 'echarts';
import { planSpans } from '../data/days.ts';
import type { DrawChart } from './draw-chart.ts';
import type { Html } from './html.ts';
import { themeColour } from './palette.ts';
import type { MonitorReport } from '../data/report-data.ts';

const size = { width: 150, height: 26 };
/** Bars thinner than two pixels are no bars. */
const maxBars = 60;

/** Failed runs at the bottom, the others on top of them. */
export function drawSparkline(
  daily: MonitorReport['daily'],
  days: readonly string[],
  drawChart: DrawChart,
): Html {
  const spans = planSpans(days, maxBars).map(({ firstDay, lastDay }) => {
    const within = daily.filter(({ day }) => day >= firstDay && day <= lastDay);
    const failed = within.reduce((sum, day) => sum + day.failed, 0);
    return { failed, others: within.reduce((sum, day) => sum + day.runs, 0) - failed };
  });
  const option: EChartsOption = {
    grid: { left: 0, right: 0, top: 0, bottom: 0 },
    xAxis: { type: 'category', show: false, data: spans.map((_, index) => String(index)) },
    yAxis: { type: 'value', show: false, min: 0, max: 'dataMax' },
    series: [
      bars(
        spans.map(({ failed }) => failed),
        themeColour('failed'),
      ),
      bars(
        spans.map(({ others }) => others),
        themeColour('heat0'),
      ),
    ],
  };
  return drawChart(option, size);
}

function bars(values: readonly number[], colour: string): BarSeriesOption {
  return {
    type: 'bar',
    stack: 'runs',
    silent: true,
    emphasis: { disabled: true },
    barCategoryGap: '20%',
    itemStyle: { color: colour },
    data: values.map((value) => (value === 0 ? null : value)),
  };
}

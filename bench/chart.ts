import { init } from 'echarts';
import type { Bar } from './bench-case.ts';

const size = { width: 760, height: 300 };
const ours = '#2563eb';
const others = '#9ca3af';

/** Rows a second as horizontal bars, as SVG text. */
export function renderChart(bars: readonly Bar[]): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  const upwards = bars.toReversed();
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: 'Rows a second', left: 8, top: 6, textStyle: { fontSize: 14 } },
    grid: { left: 8, right: 60, top: 36, bottom: 8, containLabel: true },
    xAxis: { type: 'value', splitLine: { lineStyle: { color: '#e5e7eb' } } },
    yAxis: {
      type: 'category',
      axisTick: { show: false },
      data: upwards.map(({ group, label }) => `${label}\n${group}`),
      axisLabel: { fontSize: 10, lineHeight: 12 },
    },
    series: [
      {
        type: 'bar',
        barWidth: 18,
        label: {
          show: true,
          position: 'right',
          formatter: ({ value }: { value: number }) => value.toLocaleString('en-US'),
        },
        data: upwards.map(({ label, rowsPerSecond }) => ({
          value: Math.round(rowsPerSecond),
          itemStyle: { color: label === 'this project' ? ours : others },
        })),
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

import type { EChartsOption, SeriesOption } from 'echarts';
import type { ChartSize, DrawChart } from './draw-chart.ts';
import { formatDay } from './format.ts';
import { html, type Html } from './html.ts';
import { themeColour, type Theme } from './palette.ts';

interface DaySeries {
  readonly kind: 'bars' | 'line';
  readonly colour: keyof Theme;
  readonly dashed?: boolean;
  /** One value for each day; null leaves a gap. */
  readonly values: readonly (number | null)[];
}

export interface DayChart {
  readonly days: readonly string[];
  /** Bars are stacked in this order, the first one at the bottom. */
  readonly series: readonly DaySeries[];
  readonly formatValue: (value: number) => string;
  /** The axis goes at least up to here. */
  readonly axisMax: number;
  /** No value can be higher. */
  readonly limit?: number;
  readonly wholeNumbers?: boolean;
  /** Days that are drawn on a shade: what they show is not all. */
  readonly shaded: readonly boolean[];
}

const wide: ChartSize = { width: 880, height: 240 };
const narrow: ChartSize = { width: 360, height: 220 };

/** A chart over days, drawn for a wide and for a narrow page; style sheets show one of the two. */
export function drawDayChart(chart: DayChart, drawChart: DrawChart): Html {
  return html`<div class="wide">${drawChart(chartOption(chart, 10), wide)}</div>
    <div class="narrow">${drawChart(chartOption(chart, 4), narrow)}</div>`;
}

function chartOption(chart: DayChart, labels: number): EChartsOption {
  const { days, formatValue } = chart;
  const step = Math.ceil(days.length / labels);
  const label = { color: themeColour('muted'), fontSize: 12 };
  return {
    textStyle: { fontFamily: 'inherit' },
    grid: { left: 4, right: 8, top: 10, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    xAxis: {
      type: 'category',
      data: [...days],
      axisTick: { show: false },
      axisLine: { lineStyle: { color: themeColour('line') } },
      axisLabel: {
        ...label,
        // Counted from the newest day, which so always has its label.
        interval: (index: number) => (days.length - 1 - index) % step === 0,
        formatter: (day: string) => formatDay(day),
      },
      splitArea: {
        show: chart.shaded.includes(true),
        interval: 0,
        areaStyle: { color: chart.shaded.map((isShaded) => (isShaded ? themeColour('shade') : 'none')) },
      },
    },
    yAxis: {
      type: 'value',
      min: 0,
      ...valueAxisRange(chart),
      ...(chart.wholeNumbers === true ? { minInterval: 1 } : {}),
      axisLabel: { ...label, formatter: formatValue },
      splitLine: { lineStyle: { color: themeColour('line') } },
    },
    series: chart.series.map(seriesOption),
  };
}

function valueAxisRange(chart: DayChart): {
  readonly splitNumber: number;
  readonly max?: number;
  readonly interval?: number;
} {
  const { axisMax, limit = Infinity } = chart;
  const splitNumber = 4;
  const top = highest(chart);
  if (top <= axisMax) return { splitNumber, max: axisMax, interval: axisMax / splitNumber };
  // Left to itself the axis would end above what can be.
  return top > limit * 0.8 ? { splitNumber, max: limit, interval: limit / splitNumber } : { splitNumber };
}

/** The top of the highest bar or line; bars stand on each other. */
function highest({ days, series }: DayChart): number {
  const at = (index: number, kind: DaySeries['kind']): readonly number[] =>
    series.filter((one) => one.kind === kind).map(({ values }) => values[index] ?? 0);
  const tops = days.map((_, index) =>
    Math.max(
      at(index, 'bars').reduce((sum, value) => sum + value, 0),
      ...at(index, 'line'),
    ),
  );
  return Math.max(0, ...tops);
}

function seriesOption({ kind, colour, dashed, values }: DaySeries): SeriesOption {
  const quiet = { silent: true, emphasis: { disabled: true } } as const;
  if (kind === 'bars') {
    return {
      ...quiet,
      type: 'bar',
      stack: 'bars',
      barCategoryGap: '25%',
      itemStyle: { color: themeColour(colour) },
      // A bar of no height would still be an element of the drawing.
      data: values.map((value) => (value === 0 ? null : value)),
    };
  }
  return {
    ...quiet,
    type: 'line',
    symbolSize: 6,
    lineStyle: { color: themeColour(colour), width: 2.5, type: dashed === true ? [6, 4] : 'solid' },
    itemStyle: { color: themeColour(colour), borderWidth: 0 },
    data: values.map((value, index) => ({ value, symbol: isAlone(values, index) ? 'circle' : 'none' })),
  };
}

/** A value without neighbours has no line to be seen by. */
function isAlone(values: readonly (number | null)[], index: number): boolean {
  const at = (place: number): number | null => values[place] ?? null;
  return at(index) !== null && at(index - 1) === null && at(index + 1) === null;
}

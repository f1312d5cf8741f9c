import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { FieldColorBuilder, FieldColorModeId } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { createQuery, warehouse } from './warehouse-query.ts';

/** Apart for every kind of colour blindness, in Grafana's light and dark themes. */
const colours: Readonly<Record<string, string>> = {
  failed: '#d9531e',
  'failure rate': '#d9531e',
  completed: '#5794d2',
  median: '#5794d2',
  canceled: '#8a929d',
  '95th percentile': '#8a929d',
  open: '#c99a1b',
};

interface PanelText {
  readonly title: string;
  readonly description?: string;
  readonly sql: string;
}

interface Sized {
  /** Of 24 columns. */
  readonly width: number;
  readonly height: number;
}

/** One number or word. */
export function createStat(
  text: PanelText,
  { unit, width = 4 }: { readonly unit?: string; readonly width?: number } = {},
): StatBuilder {
  const panel = new StatBuilder()
    .title(text.title)
    .datasource(warehouse)
    .span(width)
    .height(4)
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.None)
    // Every type of value, not only numbers.
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('/.*/'))
    .noValue('–')
    .withTarget(createQuery(text.sql, 'table'));
  if (unit !== undefined) panel.unit(unit);
  return text.description === undefined ? panel : panel.description(text.description);
}

export interface TimeSeriesLook extends Sized {
  readonly draw: 'bars' | 'stacked bars' | 'lines' | 'points';
  readonly unit: string;
  readonly max?: number;
}

/** A chart over time: a series for each column. */
export function createTimeSeries(text: PanelText, look: TimeSeriesLook): TimeSeriesBuilder {
  const isBars = look.draw === 'bars' || look.draw === 'stacked bars';
  const panel = new TimeSeriesBuilder()
    .title(text.title)
    .datasource(warehouse)
    .span(look.width)
    .height(look.height)
    .unit(look.unit)
    .min(0)
    .drawStyle(drawStyleOf(look.draw))
    .lineInterpolation(LineInterpolation.Linear)
    .lineWidth(isBars ? 0 : 2)
    .fillOpacity(isBars ? 85 : 0)
    .showPoints(look.draw === 'points' ? VisibilityMode.Always : VisibilityMode.Auto)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .withTarget(createQuery(text.sql, 'time_series'));
  if (look.draw === 'stacked bars') panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  if (look.max !== undefined) panel.max(look.max);
  for (const [name, fixedColor] of Object.entries(colours)) {
    if (!new RegExp(`\\b${name}\\b`).test(text.sql)) continue;
    const color = new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor(fixedColor).build();
    panel.overrideByName(name, [{ id: 'color', value: color }]);
  }
  return text.description === undefined ? panel : panel.description(text.description);
}

function drawStyleOf(draw: TimeSeriesLook['draw']): GraphDrawStyle {
  if (draw === 'lines') return GraphDrawStyle.Line;
  return draw === 'points' ? GraphDrawStyle.Points : GraphDrawStyle.Bars;
}

/** Units of columns, and links that take a row's value along. */
export interface TableLook extends Sized {
  readonly units?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, { readonly title: string; readonly url: string }>>;
}

export function createTable(text: PanelText, look: TableLook): TableBuilder {
  const panel = new TableBuilder()
    .title(text.title)
    .datasource(warehouse)
    .span(look.width)
    .height(look.height)
    .filterable(true)
    .withTarget(createQuery(text.sql, 'table'));
  for (const [column, unit] of Object.entries(look.units ?? {})) {
    panel.overrideByName(column, [{ id: 'unit', value: unit }]);
  }
  for (const [column, link] of Object.entries(look.links ?? {})) {
    panel.overrideByName(column, [{ id: 'links', value: [link] }]);
  }
  return text.description === undefined ? panel : panel.description(text.description);
}

import type { EChartsOption } from 'echarts';
import { unescapedHtml, type Html } from './html.ts';

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/** Draws a chart as SVG. */
export type DrawChart = (option: EChartsOption, size: ChartSize) => Html;

/** Loads the chart library, which is large and which nothing else needs. */
export async function loadChartDrawer(): Promise<DrawChart> {
  const { init } = await import('echarts');
  return (option, { width, height }) => {
    const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
    try {
      chart.setOption({ animation: false, ...option });
      return unescapedHtml(slim(chart.renderToSVGString()));
    } finally {
      chart.dispose();
    }
  };
}

/** Takes out what only the library's own script would use, what is not visible, and namespaces that HTML does not need. */
function slim(svg: string): string {
  return svg
    .replaceAll(/<style[^>]*>.*?<\/style>\n*/gs, '')
    .replaceAll(/ (?:class|pointer-events|baseProfile|version|xmlns(?::xlink)?|ecmeta_[a-z_]+)="[^"]*"/g, '')
    .replaceAll(/<(?:rect|path)(?: (?:width|height|x|y|d)="[^"]*")+ fill="none"><\/(?:rect|path)>\n*/g, '')
    .replace('<svg ', '<svg aria-hidden="true" ')
    .trim();
}

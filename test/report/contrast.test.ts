/** The contrasts of WCAG 2.2, AA: 4.5 for text, 3 for graphics that carry meaning. */
import { describe, expect, it } from 'vitest';
import { dark, light, type Theme } from '../../src/analytics/report/drawing/palette.ts';

function luminance(colour: string): number {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const [red = 0, green = 0, blue = 0] = channels.map((value) =>
    value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dimmer = 0, brighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (brighter + 0.05) / (dimmer + 0.05);
}

const texts: readonly (readonly [keyof Theme, keyof Theme])[] = [
  ['ink', 'page'],
  ['ink', 'surface'],
  ['muted', 'page'],
  ['muted', 'surface'],
  ['muted', 'shade'],
  ['ink', 'goodSurface'],
  ['ink', 'warningSurface'],
  ['ink', 'badSurface'],
  ['good', 'goodSurface'],
  ['warning', 'warningSurface'],
  ['bad', 'badSurface'],
];

const graphics: readonly (readonly [keyof Theme, keyof Theme])[] = [
  ['completed', 'surface'],
  ['failed', 'surface'],
  ['canceled', 'surface'],
  ['open', 'surface'],
  ['failed', 'shade'],
  ['failed', 'heat0'],
  ['heat4', 'heat0'],
];

describe.each([
  ['light', light],
  ['dark', dark],
])('the %s theme', (_, theme) => {
  it.each(texts)('has text of colour %s readable on %s', (text, surface) => {
    expect(contrast(theme[text], theme[surface])).toBeGreaterThanOrEqual(4.5);
  });

  it.each(graphics)('has graphics of colour %s visible on %s', (graphic, surface) => {
    expect(contrast(theme[graphic], theme[surface])).toBeGreaterThanOrEqual(3);
  });

  it('has a scale of failure rates whose steps go one way', () => {
    const steps = [theme.heat0, theme.heat1, theme.heat2, theme.heat3, theme.heat4].map(luminance);
    const sorted = steps.toSorted((a, b) => a - b);
    expect([sorted, sorted.toReversed()]).toContainEqual(steps);
  });
});

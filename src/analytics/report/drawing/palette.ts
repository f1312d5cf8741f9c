/**
 * The report's colours by theme. Blue and vermilion stay apart for every kind of colour blindness; text has a contrast of
 * at least 4.5 to what it stands on, graphics of at least 3. Charts name the colours as CSS variables, so that one
 * drawing serves both themes.
 */
export interface Theme {
  readonly page: string;
  readonly surface: string;
  readonly line: string;
  readonly ink: string;
  readonly muted: string;
  readonly completed: string;
  readonly failed: string;
  readonly canceled: string;
  readonly open: string;
  readonly shade: string;
  readonly heat0: string;
  readonly heat1: string;
  readonly heat2: string;
  readonly heat3: string;
  readonly heat4: string;
  readonly good: string;
  readonly goodSurface: string;
  readonly warning: string;
  readonly warningSurface: string;
  readonly bad: string;
  readonly badSurface: string;
}

export const light: Theme = {
  page: '#f4f6f8',
  surface: '#ffffff',
  line: '#dde3ea',
  ink: '#17202b',
  muted: '#556070',
  completed: '#4b86c6',
  failed: '#cb4414',
  canceled: '#868d97',
  open: '#a37800',
  shade: '#e9ecf0',
  heat0: '#d9e6f4',
  heat1: '#fbd5b8',
  heat2: '#f3a06c',
  heat3: '#dc6130',
  heat4: '#9d2f0a',
  good: '#1c6b45',
  goodSurface: '#e8f4ed',
  warning: '#7d5200',
  warningSurface: '#fdf3dc',
  bad: '#a52d0c',
  badSurface: '#fdeae3',
};

export const dark: Theme = {
  page: '#0e1217',
  surface: '#171c23',
  line: '#2c343e',
  ink: '#e7ebf0',
  muted: '#a4afbc',
  completed: '#629fdf',
  failed: '#ff8455',
  canceled: '#8a929d',
  open: '#dcae3c',
  shade: '#242b34',
  heat0: '#23374d',
  heat1: '#573a2c',
  heat2: '#8d4a2a',
  heat3: '#d2672f',
  heat4: '#ffab80',
  good: '#7fd6a5',
  goodSurface: '#12291e',
  warning: '#ecc469',
  warningSurface: '#2d2410',
  bad: '#ff9e78',
  badSurface: '#35190e',
};

/** A colour of the theme that the reader's device prefers, for CSS and for SVG attributes. */
export function themeColour(name: keyof Theme): string {
  return `var(--${name})`;
}

/** The themes as CSS rules. On paper it is always the light one. */
export function renderThemes(): string {
  return [
    `:root { color-scheme: light dark; ${declare(light)} }`,
    `@media screen and (prefers-color-scheme: dark) { :root { ${declare(dark)} } }`,
  ].join('\n');
}

function declare(theme: Theme): string {
  return Object.entries(theme)
    .map(([name, colour]) => `--${name}: ${colour};`)
    .join(' ');
}

/** A piece of markup. Only what went through `html` or `unescapedHtml` is one, so text can never pass for markup. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type HtmlValue = Html | string | number | null | readonly HtmlValue[];

/**
 * Markup with values in it. Texts are escaped, for content and for attributes in quotes (an attribute without quotes
 * would not be safe); markup, lists and numbers are put in as they are, null is left out.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.map((part, index) => part + renderValue(values[index] ?? null)).join(''));
}

/** Declares a text to be markup: for what a program of ours made, never for what came from outside. */
export function unescapedHtml(text: string): Html {
  return new Html(text);
}

function renderValue(value: HtmlValue): string {
  if (value === null) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escapeHtml(value);
  return value.map(renderValue).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}

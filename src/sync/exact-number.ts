/** What stands before the digits of a marked number; a NUL goes before it, which no stored text holds. */
export const exactNumberMark = 'number:';

const marked = /"\\u0000number:([^"]*)"/g;

/** A number that JavaScript would round, digit for digit. */
export class ExactNumber {
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }

  /** For `toJsonText`, which takes the mark away. */
  toJSON(): string {
    return `\0${exactNumberMark}${this.digits}`;
  }
}

/** The number that a marked text stands for; null for any other text. */
export function exactNumberOf(text: string): ExactNumber | null {
  const digits = text.startsWith(`\0${exactNumberMark}`) ? text.slice(exactNumberMark.length + 1) : '';
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/.test(digits) ? new ExactNumber(digits) : null;
}

/** As `JSON.stringify`, with exact numbers digit for digit. */
export function toJsonText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes('"\\u0000') ? text.replaceAll(marked, '$1') : text;
}

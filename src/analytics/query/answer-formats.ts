import { stringify } from 'csv-stringify/sync';
import type { AnswerColumn } from '../../warehouse/connection/read-rows.ts';

type Row = readonly unknown[];

/** Writes an answer some rows at a time. */
export interface AnswerFormat<Chunk = string> {
  begin(columns: readonly AnswerColumn[], first: readonly Row[]): Chunk;
  rows(columns: readonly AnswerColumn[], rows: readonly Row[]): Chunk;
  end(): Chunk;
}

export const textFormats = ['table', 'csv', 'json', 'ndjson', 'markdown'] as const;

export type TextFormatName = (typeof textFormats)[number];

/** `width`: characters that a line of a table may have; null: as many as it needs. */
export function createAnswerFormat(name: TextFormatName, width: number | null): AnswerFormat {
  switch (name) {
    case 'table':
      return createTable(width);
    case 'csv':
      return csv;
    case 'json':
      return createJson();
    case 'ndjson':
      return { begin: () => '', rows: (columns, rows) => objects(columns, rows, '', '\n'), end: () => '' };
    case 'markdown':
      return markdown;
  }
}

/** Null, beside the empty text, which is `""`. */
const unquotedEmpty = { value: '', quoted_empty: false };

const csv: AnswerFormat = {
  begin: (columns) => stringify([columns.map(({ name }) => name)]),
  rows: (_columns, rows) =>
    stringify(
      rows.map((row) => row.map((value) => (value === null ? null : textOf(value)))),
      { quoted_empty: true, cast: { null: () => unquotedEmpty } },
    ),
  end: () => '',
};

const markdown: AnswerFormat = {
  begin: (columns) =>
    `| ${columns.map(({ name }) => inCell(name)).join(' | ')} |\n|${columns.map(() => ' --- |').join('')}\n`,
  rows: (_columns, rows) =>
    rows.map((row) => `| ${row.map((value) => inCell(textOf(value))).join(' | ')} |\n`).join(''),
  end: () => '',
};

function inCell(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replace(/\s*\n\s*/g, '<br>');
}

/** Of the first rows as wide as they need, and of later ones no wider. */
const widestColumn = 60;

function createTable(width: number | null): AnswerFormat {
  let widths: readonly number[] = [];
  const line = (cells: readonly string[]): string => {
    const text = cells
      .map((cell, index) => fit(cell, widths[index] ?? 0))
      .join('  ')
      .trimEnd();
    return `${width === null ? text : cut(text, width)}\n`;
  };
  return {
    begin: (columns, first) => {
      const lines = [columns.map(({ name }) => name), ...first.map(cellsOf)];
      widths = columns.map((_column, index) =>
        Math.min(widestColumn, Math.max(...lines.map((cells) => cells[index]?.length ?? 0))),
      );
      return line(columns.map(({ name }) => name)) + line(widths.map((count) => '-'.repeat(count)));
    },
    rows: (_columns, rows) => rows.map((row) => line(cellsOf(row))).join(''),
    end: () => '',
  };
}

function cellsOf(row: Row): readonly string[] {
  return row.map((value) => textOf(value).replace(/\s*[\r\n]\s*/g, ' ⏎ '));
}

function fit(text: string, width: number): string {
  return cut(text, width).padEnd(width);
}

/** The text in so many characters, with a mark where something is left out. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

function createJson(): AnswerFormat {
  let isFirst = true;
  return {
    begin: () => '[',
    rows: (columns, rows) => {
      const text = objects(columns, rows, isFirst ? '\n' : ',\n', '');
      isFirst = isFirst && rows.length === 0;
      return text;
    },
    end: () => '\n]\n',
  };
}

/** `before`: what stands before the first; with `after` empty, the others are separated by `,` and a line break. */
function objects(
  columns: readonly AnswerColumn[],
  rows: readonly Row[],
  before: string,
  after: string,
): string {
  const texts = rows.map((row) =>
    JSON.stringify(
      Object.fromEntries(columns.map(({ name, type }, index) => [name, jsonOf(type, row[index])])),
    ),
  );
  if (texts.length === 0) return '';
  return after === '' ? before + texts.join(',\n') : texts.map((text) => text + after).join('');
}

const longInteger = 20;
const numeric = 1700;

/** The driver hands over numbers as text that may be too long for a double: those that are not become numbers. */
function jsonOf(type: number, value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value !== 'string' || (type !== longInteger && type !== numeric)) return value;
  return String(Number(value)) === value ? Number(value) : value;
}

export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : JSON.stringify(value);
}

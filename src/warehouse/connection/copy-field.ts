/** A line of COPY's text format: fields between tabs, `\\N` for null. */
export function copyLine(fields: readonly (string | null)[]): string {
  return `${fields.map(copyField).join('\t')}\n`;
}

function copyField(value: string | null): string {
  if (value === null) return '\\N';
  // Most values need no escape, and a look is cheaper than a replacement.
  return special.test(value)
    ? value.replace(specials, (character) => escapes[character] ?? character)
    : value;
}

const special = /[\\\n\r\t]/;
const specials = /[\\\n\r\t]/g;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

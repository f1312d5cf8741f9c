/** What a terminal obeys instead of showing it, and what turns the order of the text around it. */
const obeyed = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text for a terminal, whatever it has in it: an API, a database or a file may send control characters, which move the
 * cursor, change the title or hide what stands there. They are shown as JSON escapes them, so that JSON stays the same.
 */
export function makeHarmless(text: string): string {
  return text.replace(obeyed, (character) =>
    character === '\n' || character === '\t'
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

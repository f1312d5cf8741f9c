import { textDigest } from '../state/random.ts';
import type { SortKey } from '../state/sort-key.ts';

/** Where the next page begins: below the last row's key, a number of rows from the top, or a number of pages. */
export type CursorPosition =
  | { readonly style: 'keyset'; readonly key: SortKey }
  | { readonly style: 'offset'; readonly rows: number }
  | { readonly style: 'page'; readonly number: number };

/**
 * Makes an opaque cursor for one list. `salt` makes two cursors of one position look different.
 * The digest binds it to its list, so that a cursor of another list or an invented one is refused.
 */
export function sealCursor(list: string, payload: string, salt = 0): string {
  const digest = textDigest(`${list}~${salt}~${payload}`);
  return Buffer.from(`${digest}~${salt}~${payload}`).toString('base64url');
}

/** The payload; null when this list never handed the cursor out. */
export function openCursor(list: string, cursor: string): string | null {
  const [, salt, ...rest] = Buffer.from(cursor, 'base64url').toString().split('~');
  const payload = rest.join('~');
  return sealCursor(list, payload, Number(salt)) === cursor ? payload : null;
}

export function sealPosition(list: string, position: CursorPosition, salt = 0): string {
  return sealCursor(list, writePosition(position), salt);
}

export function openPosition(list: string, cursor: string): CursorPosition | null {
  const [style, first, second] = openCursor(list, cursor)?.split(':') ?? [];
  if (style === 'o') {
    return { style: 'offset', rows: Number(first) };
  }
  if (style === 'p') {
    return { style: 'page', number: Number(first) };
  }
  return style === 'k' ? { style: 'keyset', key: { atMs: Number(first), seq: Number(second) } } : null;
}

function writePosition(position: CursorPosition): string {
  switch (position.style) {
    case 'offset':
      return `o:${position.rows}`;
    case 'page':
      return `p:${position.number}`;
    case 'keyset':
      return `k:${position.key.atMs}:${position.key.seq}`;
  }
}

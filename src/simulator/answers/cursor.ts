import { textDigest } from '../state/random.ts';
import type { SortKey } from '../state/sort-key.ts';

/** Where the next page begins: below the last row's key, or a number of rows from the top. */
export type CursorPosition =
  | { readonly style: 'keyset'; readonly key: SortKey }
  | { readonly style: 'offset'; readonly rows: number };

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
  const payload =
    position.style === 'offset' ? `o:${position.rows}` : `k:${position.key.atMs}:${position.key.seq}`;
  return sealCursor(list, payload, salt);
}

export function openPosition(list: string, cursor: string): CursorPosition | null {
  const [style, first, second] = openCursor(list, cursor)?.split(':') ?? [];
  if (style === 'o') {
    return { style: 'offset', rows: Number(first) };
  }
  return style === 'k' ? { style: 'keyset', key: { atMs: Number(first), seq: Number(second) } } : null;
}

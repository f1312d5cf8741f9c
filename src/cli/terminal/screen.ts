import { WriteStream } from 'node:tty';
import { createLogUpdate } from 'log-update';
import { makeHarmless } from './make-harmless.ts';

/** The standard error stream, shared by lines that stay and a display that is painted over and over below them. */
export interface Screen {
  /** Whether a display makes sense here: a terminal, not a file or a pipe. */
  readonly live: boolean;
  /** Characters on a line; undefined when unknown. */
  columns(): number | undefined;
  /** Paints the display; the text replaces the one before. */
  show(text: string): void;
  /** Takes the display away. */
  clear(): void;
  /** Writes lines that stay, above the display, made harmless; `text` ends with a line break. */
  print(text: string): void;
}

export function createScreen(stream: NodeJS.WriteStream): Screen {
  const live = stream instanceof WriteStream;
  const update = live ? createDisplay(stream) : null;
  let shown = '';
  return {
    live,
    columns: () => (stream.columns > 0 ? stream.columns : undefined),
    show(text) {
      shown = text;
      update?.(text);
    },
    clear() {
      shown = '';
      update?.clear();
    },
    print(text) {
      if (shown !== '') update?.clear();
      stream.write(makeHarmless(text));
      if (shown !== '') update?.(shown);
    },
  };
}

/** The cursor stays visible: hiding it would need a hook on every way in which the process can end. */
function createDisplay(stream: NodeJS.WriteStream): ReturnType<typeof createLogUpdate> {
  return createLogUpdate(stream, { showCursor: true });
}

export type JsonValue = string | number | boolean | null | JsonObject | readonly JsonValue[];
export type JsonObject = { readonly [key: string]: JsonValue };

/** What is served instead of the documented record, so that hostile and future payloads can be tried. */
export interface Overlay {
  /** Fields laid over the record; unknown names are added. */
  readonly fields?: JsonObject;
  /** Fields as JSON text, for what a number of this language cannot hold: `{ size: '9007199254740993' }`. */
  readonly verbatim?: { readonly [name: string]: string };
  /** Fields left out. */
  readonly omit?: readonly string[];
  /** The whole record, verbatim; wins over the others. */
  readonly raw?: JsonValue;
}

/** One overlay that does what both do, the upper one last. */
export function joinOverlays(lower: Overlay | null, upper: Overlay | null): Overlay | null {
  if (lower === null || upper === null) {
    return lower ?? upper;
  }
  const raw = upper.raw === undefined ? lower.raw : upper.raw;
  return {
    fields: { ...lower.fields, ...upper.fields },
    verbatim: { ...lower.verbatim, ...upper.verbatim },
    omit: [...(lower.omit ?? []), ...(upper.omit ?? [])],
    ...(raw === undefined ? {} : { raw }),
  };
}

/** The record as a value. Numbers of verbatim fields come out as this language rounds them. */
export function withOverlay(record: JsonObject, overlay: Overlay | null): JsonValue {
  if (overlay === null) {
    return record;
  }
  return overlay.raw === undefined
    ? Object.fromEntries(
        textsOf(record, overlay).map(([name, text]): [string, JsonValue] => [name, parseText(text)]),
      )
    : overlay.raw;
}

/** The record as the text that travels. */
export function encodeRecord(record: JsonObject, overlay: Overlay | null): string {
  if (overlay === null) {
    return JSON.stringify(record);
  }
  return overlay.raw === undefined
    ? `{${textsOf(record, overlay)
        .map(([name, text]) => `${JSON.stringify(name)}:${text}`)
        .join(',')}}`
    : JSON.stringify(overlay.raw);
}

/** Each field of the record with the JSON text of its value. */
function textsOf(record: JsonObject, { fields, verbatim = {}, omit }: Overlay): [string, string][] {
  const omitted = new Set(omit);
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries({ ...record, ...fields })) {
    texts.set(name, JSON.stringify(value));
  }
  for (const [name, text] of Object.entries(verbatim)) {
    texts.set(name, text);
  }
  return [...texts].filter(([name]) => !omitted.has(name));
}

function parseText(text: string): JsonValue {
  const value: JsonValue = JSON.parse(text);
  return value;
}

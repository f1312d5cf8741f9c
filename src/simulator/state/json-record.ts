export type JsonValue = string | number | boolean | null | JsonObject | readonly JsonValue[];
export type JsonObject = { readonly [key: string]: JsonValue };

/** What is served instead of the documented record, so that hostile and future payloads can be tried. */
export interface Overlay {
  /** Fields laid over the record; unknown names are added. */
  readonly fields?: JsonObject;
  /** Fields left out. */
  readonly omit?: readonly string[];
  /** The whole record, verbatim; wins over the other two. */
  readonly raw?: JsonValue;
}

export function withOverlay(record: JsonObject, overlay: Overlay | null): JsonValue {
  if (overlay === null) {
    return record;
  }
  if (overlay.raw !== undefined) {
    return overlay.raw;
  }
  const omitted = new Set(overlay.omit);
  return Object.fromEntries(
    Object.entries({ ...record, ...overlay.fields }).filter(([name]) => !omitted.has(name)),
  );
}

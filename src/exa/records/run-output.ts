import type { JsonObject, JsonValue, RunOutput, RunResult } from '../../sync/model.ts';
import { isJsonObject, otherFields } from './storable-json.ts';

/** How much of what a run found is kept: nothing, all but the text of pages, or everything. */
export type OutputWish = 'none' | 'summary' | 'everything';

export interface ReadOutput {
  readonly output: RunOutput | null;
  /** Fields of the output that have no place; null: there are none. */
  readonly unknown: JsonObject | null;
}

const nothing: ReadOutput = { output: null, unknown: null };

const outputFields: ReadonlySet<string> = new Set(['content', 'grounding', 'results']);

/**
 * What a run found, whatever its shape: each part may be null or missing, results are free objects, and content is any
 * JSON. A value that is not what its place takes is kept as unknown: nothing that is wished for gets lost.
 */
export function readOutput(value: JsonValue, wish: OutputWish): ReadOutput {
  if (value === null || wish === 'none') return nothing;
  if (!isJsonObject(value)) return { output: null, unknown: { value } };
  const { content = null, grounding = null, results = null } = value;
  const isList = Array.isArray(results);
  const unknown = { ...otherFields(value, outputFields), ...(isList || results === null ? {} : { results }) };
  return {
    output: {
      content,
      grounding,
      results: isList ? results.map((result: JsonValue) => readResult(result, wish)) : [],
    },
    unknown: Object.keys(unknown).length === 0 ? null : unknown,
  };
}

function readResult(value: JsonValue, wish: OutputWish): RunResult {
  if (!isJsonObject(value)) {
    return { url: null, title: null, published: null, author: null, text: null, extra: { value } };
  }
  const fields = new Map(Object.entries(wish === 'everything' ? value : withoutText(value)));
  const take = (name: string): string | null => {
    const field = fields.get(name) ?? null;
    if (field !== null && typeof field !== 'string') return null;
    fields.delete(name);
    return field;
  };
  const url = take('url');
  // An id says more than the URL only where it differs.
  if (fields.get('id') === url) fields.delete('id');
  return {
    url,
    title: take('title'),
    published: take('publishedDate'),
    author: take('author'),
    text: take('text'),
    extra: fields.size === 0 ? null : Object.fromEntries(fields),
  };
}

/** Pages below a result carry their own text. */
function withoutText(result: JsonObject): JsonObject {
  const { text: _text, subpages, ...others } = result;
  if (subpages === undefined) return others;
  const pages = Array.isArray(subpages)
    ? subpages.map((page: JsonValue) => (isJsonObject(page) ? withoutText(page) : page))
    : subpages;
  return { ...others, subpages: pages };
}

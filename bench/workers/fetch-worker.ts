import { setMaxListeners } from 'node:events';
import { text } from 'node:stream/consumers';
import pLimit from 'p-limit';
import { z } from 'zod';
import { createDispatcher } from '../../src/exa/http/dispatcher.ts';
import { createHttpGet } from '../../src/exa/http/http-get.ts';
import { apiKey } from '../api-key.ts';
import { serveMeasured } from './measure.ts';

export interface FetchOptions {
  readonly apiUrl: string;
  readonly concurrency: number;
  /** Only the listing of the monitors, or their runs as well. */
  readonly what: 'monitors' | 'runs';
}

const pageSchema = z.object({ data: z.array(z.unknown()), nextCursor: z.string().nullable() });
const idSchema = z.object({ id: z.string() });

/** The network's floor: the same pages at the same concurrency, parsed and dropped. */
serveMeasured<FetchOptions>(process, ({ apiUrl, concurrency, what }) => {
  const headers = { 'x-api-key': apiKey, accept: 'application/json' };
  const root = `${apiUrl}/websets/v0/monitors`;
  const get = createHttpGet(createDispatcher({}));
  const { signal } = new AbortController();
  setMaxListeners(0, signal);

  async function readList(url: string, onPage: (page: readonly unknown[]) => void): Promise<void> {
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { body } = await get(`${url}?limit=200${query}`, { headers, signal });
      const page = pageSchema.parse(JSON.parse(await text(body)));
      onPage(page.data);
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  return Promise.resolve(async () => {
    const ids: string[] = [];
    await readList(root, (page) => {
      if (what === 'runs') ids.push(...page.map((monitor) => idSchema.parse(monitor).id));
    });
    const limit = pLimit(concurrency);
    await Promise.all(ids.map((id) => limit(() => readList(`${root}/${id}/runs`, () => undefined))));
    return [];
  });
});

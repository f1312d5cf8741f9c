import { pipeline, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { Agent, request } from 'undici';

/** An answer whose head has come; the body is still to be read. */
export interface HttpResponse {
  readonly status: number;
  /** By its name in lower case; null when it was not sent. */
  header(name: string): string | null;
  /** Decompressed. Whoever stops reading it closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
}

interface HttpGetOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Asks by GET and follows no redirect. @throws when no answer comes, or the signal aborts. */
export type HttpGet = (url: string, options: HttpGetOptions) => Promise<HttpResponse>;

const decompressors: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/**
 * The `request` of undici, which is what `fetch` is made of: without a web stream around each body the requests of a
 * first sync take a third less processor time and 20 MB less memory.
 */
export function createHttpGet(): HttpGet {
  // The caller's signal bounds head and body together.
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const accepted = { 'accept-encoding': [...decompressors.keys()].join(', ') };
  return async (url, { headers, signal }) => {
    const response = await request(url, { dispatcher, signal, headers: { ...headers, ...accepted } });
    const header = (name: string): string | null => {
      const value = response.headers[name];
      return (Array.isArray(value) ? value[0] : value) ?? null;
    };
    const decompress = decompressors.get(header('content-encoding')?.toLowerCase() ?? '');
    const body =
      decompress === undefined
        ? response.body
        : // Whoever reads the end of the pipeline is told of its errors.
          pipeline(response.body, decompress(), () => undefined);
    return { status: response.statusCode, header, body };
  };
}

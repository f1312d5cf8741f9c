import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';

/** Answers one request. */
export type Reply = (response: ServerResponse, request: IncomingMessage) => void;

export interface ScriptedServer {
  readonly baseUrl: string;
  /** What was asked, in order; `url` as it came over the wire. */
  readonly asked: { readonly url: string; readonly headers: IncomingHttpHeaders }[];
}

/** A real HTTP server for one test: the first request gets the first reply, and so on; the last reply repeats. */
export async function startServer(...replies: readonly Reply[]): Promise<ScriptedServer> {
  const asked: ScriptedServer['asked'] = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', headers: request.headers });
    const reply = replies[Math.min(asked.length, replies.length) - 1];
    if (reply === undefined) throw new Error('a scripted server needs a reply');
    reply(response, request);
  });
  // On a busy machine an idle connection must not end between two requests of a test: that would be a retry.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { baseUrl: `http://127.0.0.1:${address.port}`, asked };
}

type Headers = Readonly<Record<string, string>>;

export function json(body: unknown, status = 200, headers: Headers = {}): Reply {
  return text(JSON.stringify(body), status, { 'content-type': 'application/json', ...headers });
}

export function text(body: string, status = 200, headers: Headers = {}): Reply {
  return (response) => {
    response.writeHead(status, headers).end(body);
  };
}

export const html = (status = 200): Reply =>
  text('<html><body>Bad gateway</body></html>', status, { 'content-type': 'text/html' });

/** The connection breaks before an answer. */
export const reset: Reply = (response) => response.destroy();

/** The answer breaks off in its middle, though its length was announced. */
export const cutOff: Reply = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"data":[', () => response.destroy());
};

export const never: Reply = () => undefined;

export const emptyPage: Reply = json({ data: [], hasMore: false, nextCursor: null });

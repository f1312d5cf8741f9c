import { EnvHttpProxyAgent, fetch, type Dispatcher, type RequestInit, type Response } from 'undici';

/** How requests leave this machine: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in capitals or not, as curl reads them. */
export function createDispatcher(environment: Readonly<Record<string, string | undefined>>): Dispatcher {
  const read = (name: string): string => environment[name.toLowerCase()] ?? environment[name] ?? '';
  return new EnvHttpProxyAgent({
    // Empty rather than missing: what is missing undici looks up in the environment of the process.
    httpsProxy: read('HTTPS_PROXY'),
    httpProxy: read('HTTP_PROXY'),
    noProxy: read('NO_PROXY'),
    // The caller's signal bounds head and body together.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

/** `fetch` by these ways; Node's own takes none. */
export function createFetch(dispatcher: Dispatcher): (url: string, init: RequestInit) => Promise<Response> {
  return (url, init) => fetch(url, { ...init, dispatcher });
}

import { createServer } from 'node:http';
import { connect } from 'node:net';
import { onTestFinished, expect, test } from 'vitest';
import { createDispatcher, createFetch } from '../../src/exa/http/dispatcher.ts';
import { createHttpGet } from '../../src/exa/http/http-get.ts';
import { createWebhook } from '../../src/schedule/alerts/webhook.ts';
import { startWebhookReceiver } from '../schedule/webhook-receiver.ts';
import { emptyPage, startServer } from './scripted-server.ts';
import { createSource } from './source-under-test.ts';

/** A proxy that opens tunnels; what it was asked to reach. */
async function startProxy(): Promise<{ readonly url: string; readonly tunnels: string[] }> {
  const tunnels: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, socket, head) => {
    const target = request.url ?? '';
    tunnels.push(target);
    const [host, port] = target.split(':');
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [upstream, socket]) end.on('error', () => end.destroy());
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return { url: `http://127.0.0.1:${address.port}`, tunnels };
}

test.each(['HTTP_PROXY', 'http_proxy'])(
  '%s is where requests go, and the key only through its tunnel',
  async (name) => {
    const server = await startServer(emptyPage);
    const proxy = await startProxy();
    const get = createHttpGet(createDispatcher({ [name]: proxy.url }));
    await createSource(server, { get }).source.listMonitors(null);
    expect(proxy.tunnels).toEqual([new URL(server.baseUrl).host]);
    expect(server.asked).toHaveLength(1);
  },
);

test('alerts and heartbeats go the same ways', async () => {
  const receiver = await startWebhookReceiver();
  const proxy = await startProxy();
  const fetch = createFetch(createDispatcher({ HTTP_PROXY: proxy.url }));
  const { signal } = new AbortController();
  const alert = { fetch, signal, timeoutMs: 5000, graceMs: 1000, redact: (text: string) => text };
  await createWebhook({ ...alert, url: receiver.url })('by the proxy');
  expect(receiver.texts).toEqual(['by the proxy']);
  expect(proxy.tunnels).toEqual([new URL(receiver.url).host]);
});

test('NO_PROXY names the hosts that are reached without one', async () => {
  const server = await startServer(emptyPage);
  const proxy = await startProxy();
  const environment = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, NO_PROXY: '127.0.0.1' };
  await createSource(server, { get: createHttpGet(createDispatcher(environment)) }).source.listMonitors(null);
  expect(proxy.tunnels).toEqual([]);
  expect(server.asked).toHaveLength(1);
});

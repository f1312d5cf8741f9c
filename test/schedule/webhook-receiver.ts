import { createServer } from 'node:http';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

export interface WebhookReceiver {
  readonly url: string;
  /** The `text` of each post, in the order of their arrival. */
  readonly texts: string[];
  /** What the next posts are answered with; `hang`: nothing. */
  answer: number | 'hang';
}

/** A real HTTP server that takes alerts as Slack does. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const texts: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      texts.push(JSON.parse(Buffer.concat(chunks).toString('utf8')).text);
      if (receiver.answer === 'hang') return;
      response.writeHead(receiver.answer, { location: 'http://127.0.0.1:1/elsewhere' }).end('ok');
    });
  });
  const receiver: WebhookReceiver = { url: '', texts, answer: 200 };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return Object.assign(receiver, { url: `http://127.0.0.1:${address.port}/services/T0/B0/secret-path` });
}

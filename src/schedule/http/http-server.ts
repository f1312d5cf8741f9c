import { fastify, type FastifyInstance } from 'fastify';
import type { Logger } from '../../sync/logger.ts';
import type { Clock } from '../../sync/ports.ts';
import type { WarehouseHealth } from '../../warehouse/reads/load-health.ts';
import type { Metrics } from './metrics.ts';
import { judgeReadiness } from './readiness.ts';

export interface HttpServerOptions {
  readonly host: string;
  /** Any free one when 0. */
  readonly port: number;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Null: the warehouse does not answer. Bounded in time. */
  readonly probe: () => Promise<WarehouseHealth | null>;
  readonly maxAgeMs: (nowMs: number) => number;
  /** Why the service cannot go on by itself; null: it does. */
  readonly stall: () => string | null;
  /** Takes secrets out of what is sent. */
  readonly redact: (text: string) => string;
  readonly logger: Logger;
}

/** More than probes and scrapers need, and far fewer than a process may have files open. */
const mostConnections = 100;
const patienceMs = 10_000;

export interface HttpServer {
  /** Such as `http://127.0.0.1:9464`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `/healthz` (the process answers, and its cycle goes on), `/readyz` (the data is current) and `/metrics` (for Prometheus).
 * @throws what `listen` throws when the address cannot be listened on.
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, logger } = options;
  const server = fastify({
    forceCloseConnections: true,
    requestTimeout: patienceMs,
    connectionTimeout: patienceMs,
    bodyLimit: 1024,
  });
  server.server.maxConnections = mostConnections;
  addRoutes(server, options);
  const url = await server.listen({ host, port });
  // A connection that cannot be accepted, as when no more files may be opened, must not end the process.
  server.server.on('error', (error) => logger.warn({ err: error }, 'a connection was not accepted'));
  return { url, close: () => server.close() };
}

function addRoutes(server: FastifyInstance, options: HttpServerOptions): void {
  const { clock, metrics, probe, maxAgeMs, stall, redact } = options;
  // Errors of the framework are not quoted: they may hold what was asked.
  server.setErrorHandler((_error, _request, reply) =>
    reply.code(500).type('text/plain').send('internal error\n'),
  );
  server.get('/healthz', (_request, reply) => {
    const stalled = stall();
    return reply
      .code(stalled === null ? 200 : 503)
      .type('text/plain')
      .send(`${stalled ?? 'ok'}\n`);
  });
  server.get('/readyz', async (_request, reply) => {
    const health = await probe();
    const nowMs = clock.now();
    const readiness = judgeReadiness(health, maxAgeMs(nowMs), nowMs);
    return reply
      .code(readiness.ready ? 200 : 503)
      .type('application/json; charset=utf-8')
      .send(redact(JSON.stringify(readiness)));
  });
  server.get('/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.render(await probe(), clock)),
  );
}

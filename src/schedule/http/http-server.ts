import { fastify, type FastifyInstance } from 'fastify';
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
  /** Takes secrets out of what is sent. */
  readonly redact: (text: string) => string;
}

export interface HttpServer {
  /** Such as `http://127.0.0.1:9464`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `/healthz` (the process answers), `/readyz` (the data is current) and `/metrics` (for Prometheus).
 * @throws what `listen` throws when the address cannot be listened on.
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port } = options;
  const server = fastify({ forceCloseConnections: true, requestTimeout: 10_000, bodyLimit: 1024 });
  addRoutes(server, options);
  const url = await server.listen({ host, port });
  return { url, close: () => server.close() };
}

function addRoutes(server: FastifyInstance, options: HttpServerOptions): void {
  const { clock, metrics, probe, maxAgeMs, redact } = options;
  // Errors of the framework are not quoted: they may hold what was asked.
  server.setErrorHandler((_error, _request, reply) =>
    reply.code(500).type('text/plain').send('internal error\n'),
  );
  server.get('/healthz', (_request, reply) => reply.type('text/plain').send('ok\n'));
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

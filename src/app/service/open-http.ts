import { createHealthProbe } from '../../schedule/http/health-probe.ts';
import { startHttpServer, type HttpServer } from '../../schedule/http/http-server.ts';
import { toleratedAgeMs } from '../../schedule/http/readiness.ts';
import { loadHealth } from '../../warehouse/reads/load-health.ts';
import { WordedError } from '../database-failure.ts';
import { describeInOneLine } from '../describe-in-one-line.ts';
import type { ServiceParts } from './service-parts.ts';

const probeTimeoutMs = 5000;

/** Serves health checks and metrics as the settings say; null: they are off. */
export async function openHttp({
  setup,
  metrics,
  redact,
  occurrences,
}: ServiceParts): Promise<HttpServer | null> {
  const { config, warehouse, surroundings, logger } = setup;
  const { httpHost: host, httpPort: port, readyMaxAgeMinutes } = config;
  if (port === 0) return null;
  const probe = createHealthProbe({
    load: () => loadHealth(warehouse.database),
    sleep: surroundings.sleep,
    timeoutMs: probeTimeoutMs,
    logger,
  });
  const maxAgeMs = (nowMs: number): number => toleratedAgeMs(readyMaxAgeMinutes, occurrences, nowMs);
  try {
    const { clock } = surroundings;
    return await startHttpServer({ host, port, clock, metrics, probe, maxAgeMs, redact, logger });
  } catch (error) {
    throw cannotListen(host, port, error);
  }
}

function cannotListen(host: string, port: number, error: unknown): WordedError {
  const ofPort =
    error instanceof Error && 'code' in error && ['EADDRINUSE', 'EACCES'].includes(String(error.code));
  const [setting, advice] = ofPort
    ? ['HTTP_PORT', 'HTTP_PORT to another port, or to 0 for none']
    : ['HTTP_HOST', 'HTTP_HOST to an address of this machine'];
  return new WordedError(
    `${setting}: cannot listen on ${host}:${port} (${describeInOneLine(error)}); set ${advice}`,
    { cause: error },
  );
}

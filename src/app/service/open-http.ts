import type { Config } from '../../config/settings.ts';
import { createHealthProbe } from '../../schedule/http/health-probe.ts';
import { startHttpServer, type HttpServer } from '../../schedule/http/http-server.ts';
import { toleratedAgeMs } from '../../schedule/http/readiness.ts';
import { loadHealth } from '../../warehouse/reads/load-health.ts';
import { WordedError } from '../database-failure.ts';
import { describeInOneLine } from '../describe-in-one-line.ts';
import type { ServiceParts } from './service-parts.ts';

const probeTimeoutMs = 5000;
const longestPausesMs = 15 * 60_000;

/**
 * Serves health checks and metrics as the settings say; null: they are off.
 * @param silentMs for how long a cycle at work has given no sign of life; 0: none is at work.
 */
export async function openHttp(
  { setup, metrics, redact, occurrences }: ServiceParts,
  silentMs: () => number,
): Promise<HttpServer | null> {
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
  const stall = (): string | null => describeStall(silentMs(), config);
  try {
    const { clock } = surroundings;
    return await startHttpServer({ host, port, clock, metrics, probe, maxAgeMs, stall, redact, logger });
  } catch (error) {
    throw cannotListen(host, port, error);
  }
}

/** Longer than any wait that a cycle allows itself: two transactions, two requests, and the pauses before them. */
export function describeStall(
  silentMs: number,
  { databasePatienceSeconds, exaTimeoutMs }: Pick<Config, 'databasePatienceSeconds' | 'exaTimeoutMs'>,
): string | null {
  const longestMs = longestPausesMs + 2 * (databasePatienceSeconds * 1000 + exaTimeoutMs);
  if (silentMs <= longestMs) return null;
  return `the cycle has stood still for ${Math.floor(silentMs / 60_000)} min`;
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

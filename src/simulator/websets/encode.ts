import { overlayAsOf, runAsOf } from './run-lifecycle.ts';
import type { RunPlan } from './run-lifecycle.ts';
import { encodeRecord } from '../state/json-record.ts';

/**
 * A run as JSON text. Written out by hand: a page of 200 costs a third of what `JSON.stringify` takes, and a
 * benchmark of a client shares its machine with this.
 */
export function encodeRun(plan: RunPlan, monitorId: string, nowMs: number): string {
  const run = runAsOf(plan, monitorId, nowMs);
  const overlay = overlayAsOf(plan, nowMs);
  if (overlay !== null) {
    return encodeRecord(run, overlay);
  }
  // Instants, statuses and types need no escaping.
  return (
    `{"id":${JSON.stringify(run.id)},"object":"monitor_run","status":"${run.status}",` +
    `"monitorId":${JSON.stringify(monitorId)},"type":"${run.type}",` +
    `"completedAt":${quoted(run.completedAt)},"failedAt":${quoted(run.failedAt)},` +
    `"failedReason":${run.failedReason === null ? 'null' : JSON.stringify(run.failedReason)},` +
    `"canceledAt":${quoted(run.canceledAt)},"createdAt":"${run.createdAt}","updatedAt":"${run.updatedAt}"}`
  );
}

function quoted(plainText: string | null): string {
  return plainText === null ? 'null' : `"${plainText}"`;
}

import type { Logger } from '../sync/logger.ts';
import type { CycleEvent } from '../sync/cycle-events.ts';

/** Logs a cycle: a line at its start and at its end, one for each monitor that failed, everything else for debugging. */
export function logCycle(logger: Logger, event: CycleEvent): void {
  switch (event.type) {
    case 'cycle-opened':
      logger.info({ cycleId: event.cycleId, trigger: event.trigger }, 'cycle started');
      if (event.numbersRaised) {
        logger.warn(
          { cycleId: event.cycleId },
          'the numbers of cycles had begun anew, at or below those of stored runs: this cycle has one beyond them',
        );
      }
      return;
    case 'monitor-failed':
      logger.warn(
        {
          account: event.source.account,
          api: event.source.api,
          monitorId: event.monitorId,
          err: event.error,
        },
        'monitor failed',
      );
      return;
    case 'cycle-closed':
      logClosed(logger, event);
      return;
    case 'monitors-listed':
    case 'planned':
    case 'answer-saved':
    case 'monitor-walked':
    case 'source-ended':
      logger.debug(event, event.type);
  }
}

function logClosed(logger: Logger, event: Extract<CycleEvent, { type: 'cycle-closed' }>): void {
  const { cycleId, outcome, durationMs } = event;
  const { error, sources: _sources, ...counts } = outcome;
  const fields = { cycleId, ...counts, ...(error === null ? {} : { error }), durationMs };
  if (outcome.status === 'failed') logger.error(fields, 'cycle failed');
  else if (outcome.status === 'partial') logger.warn(fields, 'cycle ended, partial');
  else logger.info(fields, `cycle ${outcome.status}`);
}

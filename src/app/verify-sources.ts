import { SourceUnavailableError } from '../sync/errors.ts';
import type { DifferenceCounts, VerifyReport } from '../sync/verify/verify-ports.ts';
import { sumDifferences } from '../sync/verify/verify-tally.ts';
import { verifyWarehouse, type VerifyInput } from '../sync/verify/verify-warehouse.ts';
import { findSource } from '../warehouse/cycle/sources.ts';
import { createVerifyStore } from '../warehouse/reads/verify-store.ts';
import { openSources, type SourceSelection } from './sources/open-sources.ts';
import type { SyncSetup } from './run-cycle.ts';

export interface VerifyRequest extends Pick<VerifyInput, 'only' | 'sample'> {
  readonly sources: SourceSelection;
}

/** Compares the warehouse with each of the sources, one after the other; the report is of all together. */
export async function verifySources(setup: SyncSetup, request: VerifyRequest): Promise<VerifyReport> {
  const { config, surroundings, memory, warehouse, logger } = setup;
  const accounts = await setup.loadAccounts();
  const opened = openSources({ config, surroundings, accounts, memory, selection: request.sources });
  const reports: VerifyReport[] = [];
  for (const { account, api, source } of opened) {
    const { id } = await findSource(warehouse.database, { account, api });
    try {
      reports.push(
        await verifyWarehouse({
          source,
          store: createVerifyStore(warehouse.database, id),
          only: request.only,
          sample: request.sample,
          concurrency: config.syncConcurrency,
          signal: surroundings.signal,
          observe: ({ verified, of }) =>
            logger.debug({ account, api }, `${verified} of ${of} monitors verified`),
        }),
      );
    } catch (error) {
      // A cycle goes on without it, too.
      if (!(error instanceof SourceUnavailableError)) throw error;
      logger.warn({ account, api }, error.message);
    }
  }
  return sum(reports);
}

function sum(reports: readonly VerifyReport[]): VerifyReport {
  const total = (figure: (report: VerifyReport) => number): number =>
    reports.reduce((result, report) => result + figure(report), 0);
  const differences = (counts: (report: VerifyReport) => DifferenceCounts): DifferenceCounts =>
    sumDifferences(reports.map(counts));
  const [first] = reports;
  const unlisted = (first?.unlisted ?? []).filter((id) =>
    reports.every((each) => each.unlisted.includes(id)),
  );
  // A monitor that a person named is missing only where no source lists it, and then it is so once.
  const isElsewhere = (report: VerifyReport, id: string): boolean =>
    report.unlisted.includes(id) && (report !== first || !unlisted.includes(id));
  const findings = reports.flatMap((report) =>
    report.findings.filter(({ monitorId }) => !isElsewhere(report, monitorId)),
  );
  const elsewhere = total((report) => report.unlisted.filter((id) => isElsewhere(report, id)).length);
  return {
    equal: findings.length === 0,
    monitorsCompared: total(({ monitorsCompared }) => monitorsCompared),
    monitorsFailed: total(({ monitorsFailed }) => monitorsFailed) - elsewhere,
    runsCompared: total(({ runsCompared }) => runsCompared),
    monitors: differences(({ monitors }) => monitors),
    runs: differences(({ runs }) => runs),
    findings,
    unlisted,
  };
}

import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { Argument, Option, type Command } from 'commander';
import {
  exportFormats,
  exportRelation,
  isExportFormat,
  type Export,
} from '../../../analytics/export/export-relation.ts';
import { WordedError } from '../../../app/database-failure.ts';
import { describeInOneLine } from '../../../app/describe-in-one-line.ts';
import { ConfigError } from '../../../config/parse-config.ts';
import type { Database } from '../../../warehouse/connection/database.ts';
import { relationNames } from '../../../warehouse/upkeep/relations.ts';
import type { Invocation } from '../../invocation.ts';
import { withWarehouse } from '../../with-warehouse.ts';
import { runQuery } from '../query/run-query.ts';
import { writeFileAtOnce } from './write-file-at-once.ts';

interface ExportFlags {
  readonly format: string;
  readonly query?: string;
  readonly out?: string;
}

export function addExportCommand(program: Command, invocation: Invocation): void {
  program
    .command('export')
    .description(
      'Write a table or view of the warehouse, or the answer to a query, as CSV, NDJSON or Parquet',
    )
    .addArgument(new Argument('[name]', 'the table or view').choices(relationNames))
    .option('--query <sql>', 'one statement that reads, instead of a table or view')
    .addOption(
      new Option('--format <format>', 'format of the rows').choices(exportFormats).makeOptionMandatory(),
    )
    .option('--out <file>', 'write to a file instead of standard output; it appears when it is complete')
    .action((name: string | undefined, flags: ExportFlags) => exportTo(invocation, name, flags));
}

async function exportTo(
  invocation: Invocation,
  relation: string | undefined,
  { format, query, out }: ExportFlags,
): Promise<void> {
  if (!isExportFormat(format)) throw new Error(`unknown format ${format}`);
  if ((relation === undefined) === (query === undefined))
    throw new ConfigError(['expected either the name of a table or view, or --query']);
  const { stdout, workingDirectory, signal } = invocation.surroundings;
  const write = (stream: Writable): Promise<void> =>
    withWarehouse(invocation, { tables: 'required' }, ({ warehouse: { database } }) => {
      if (relation !== undefined) return exportRows(database, { relation, format, out: stream, signal });
      const asked = { text: query ?? '', values: [] };
      return runQuery(database, {
        query: asked,
        format,
        out: stream,
        terminalWidth: null,
        timeoutSeconds: 0,
        signal,
      });
    });
  if (out === undefined) await untilReaderLeaves(write(stdout));
  else await writeFileAtOnce(resolve(workingDirectory, out), write);
}

/** A full disk or a closed pipe: their codes are also those of lost connections to the database. */
class OutputError extends WordedError {
  override readonly name = 'OutputError';
}

async function exportRows(database: Database, wanted: Export): Promise<void> {
  let ofStream: unknown = null;
  wanted.out.once('error', (error) => {
    ofStream = error;
  });
  try {
    await exportRelation(database, wanted);
  } catch (error) {
    throw error === ofStream ? new OutputError(describeInOneLine(error), { cause: error }) : error;
  }
}

/** A reader that has seen enough (`| head`) closes the pipe: no error of ours. */
async function untilReaderLeaves(writing: Promise<void>): Promise<void> {
  await writing.catch((error: unknown) => {
    const cause = error instanceof OutputError ? error.cause : null;
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EPIPE')) throw error;
  });
}

import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { open, realpath, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Argument, Option, type Command } from 'commander';
import {
  exportFormats,
  exportRelation,
  isExportFormat,
  type Export,
} from '../../../analytics/export/export-relation.ts';
import { relationNames } from '../../../warehouse/upkeep/relations.ts';
import {
  createDatabaseError,
  isDatabaseFailure,
  nameDatabaseFailures,
} from '../../../app/database-failure.ts';
import type { Invocation } from '../../invocation.ts';
import { openWarehouse, type Warehouse } from '../../../app/open-warehouse.ts';
import { requireTables } from '../../../app/require-tables.ts';
import { readSettingFlags } from '../../setting-flags.ts';

interface ExportFlags {
  readonly format: string;
  readonly out?: string;
}

export function addExportCommand(program: Command, invocation: Invocation): void {
  program
    .command('export')
    .description('Write a table or view of the warehouse as CSV, NDJSON or Parquet')
    .addArgument(new Argument('<name>', 'the table or view').choices(relationNames))
    .addOption(
      new Option('--format <format>', 'format of the rows').choices(exportFormats).makeOptionMandatory(),
    )
    .option('--out <file>', 'write to a file instead of standard output; it appears when it is complete')
    .action((name: string, flags: ExportFlags) => exportTo(program, invocation, name, flags));
}

async function exportTo(
  program: Command,
  invocation: Invocation,
  relation: string,
  { format, out }: ExportFlags,
): Promise<void> {
  if (!isExportFormat(format)) throw new Error(`unknown format ${format}`);
  const config = invocation.parseConfig(readSettingFlags(program));
  const { surroundings } = invocation;
  const logger = invocation.createLogger(config.logLevel);
  const warehouse = await openWarehouse(config, surroundings, logger);
  const { signal } = surroundings.interruption;
  const write = async (stream: Writable): Promise<void> => {
    await nameDatabaseFailures(warehouse.target, () => requireTables(warehouse, logger));
    await exportFrom(warehouse, { relation, format, out: stream, signal });
  };
  try {
    if (out === undefined) await untilReaderLeaves(write(surroundings.stdout));
    else await writeFileAtOnce(resolve(surroundings.workingDirectory, out), write);
  } finally {
    await warehouse.close();
  }
}

/** The error of a full disk or a closed pipe stays what it is: its codes are also those of lost connections. */
async function exportFrom({ database, target }: Warehouse, wanted: Export): Promise<void> {
  let ofStream: unknown = null;
  wanted.out.once('error', (error) => {
    ofStream = error;
  });
  try {
    await exportRelation(database, wanted);
  } catch (error) {
    throw error !== ofStream && isDatabaseFailure(error) ? createDatabaseError(error, target) : error;
  }
}

/** A reader that has seen enough (`| head`) closes the pipe: no error of ours. */
async function untilReaderLeaves(writing: Promise<void>): Promise<void> {
  await writing.catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  });
}

/**
 * Writes beside the file and moves the whole over it: half an export must not look like one. The name beside it is no
 * other export's, so that of two at once the later one to end wins, whole. What is no file (a pipe, a device such as
 * /dev/null) must not be replaced by one and takes the rows as they come.
 */
async function writeFileAtOnce(out: string, write: (stream: Writable) => Promise<void>): Promise<void> {
  const existing = statSync(out, { throwIfNoEntry: false });
  if (existing !== undefined && !existing.isFile()) return writeThrough(out, write);
  const path = existing === undefined ? out : await realpath(out);
  const partial = `${path}.${randomBytes(4).toString('hex')}.partial`;
  try {
    await writeThrough(partial, write);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

async function writeThrough(path: string, write: (stream: Writable) => Promise<void>): Promise<void> {
  const stream = (await open(path, 'w')).createWriteStream();
  try {
    await write(stream);
    stream.end();
    await finished(stream);
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

import { Option, type Command } from 'commander';
import type { SourceSelection } from '../../app/sources/open-sources.ts';
import { exaApis, type ExaApi } from '../../config/value-schemas.ts';
import { parseId } from './argument-parsers.ts';

/** The flags of a command that reads the API. */
export interface SourceFlags {
  readonly account?: string;
  readonly api?: ExaApi;
}

export function addSourceFlags(command: Command): void {
  command
    .option('--account <name>', 'only this account; the one of EXA_API_KEY is default', parseId)
    .addOption(new Option('--api <name>', 'only this API').choices(exaApis));
}

export function selectSources({ account, api }: SourceFlags): SourceSelection {
  return { account: account?.toLowerCase() ?? null, api: api ?? null };
}

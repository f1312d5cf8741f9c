/** The settings of the table as types, names and flags. */
import type { z } from 'zod';
import { settingTable, type Setting } from './setting-table.ts';

/** An Exa account and the key to it. */
export interface Account {
  /** Lower case; `default` for the key without a name. */
  readonly name: string;
  readonly apiKey: string;
  /** The variable that the key comes from, for messages. */
  readonly keyName: string;
}

/** All settings of one execution; null: not set and without a default. */
export type Config = { readonly [Name in SettingName]: z.output<(typeof settingTable)[Name]['schema']> } & {
  /** Every account that there is a key to; empty: none. */
  readonly accounts: readonly Account[];
  /** Where psql's variables are looked for, such as `PGSSLMODE`, for what `DATABASE_URL` leaves out. */
  readonly databaseEnvironment: Readonly<Record<string, string | undefined>>;
};

export type SettingName = keyof typeof settingTable;

export const settings: { readonly [Name in SettingName]: Setting<Config[Name]> } = settingTable;

export const settingNames: readonly SettingName[] = Object.keys(settings).filter(isSettingName);

function isSettingName(key: string): key is SettingName {
  return Object.hasOwn(settings, key);
}

/** The command-line flag of a setting, such as `--exa-page-size`; null for secrets. */
export function settingFlag(name: SettingName): string | null {
  return settings[name].secret ? null : `--${settings[name].variable.toLowerCase().replaceAll('_', '-')}`;
}

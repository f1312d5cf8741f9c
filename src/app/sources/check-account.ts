/** Keeps a warehouse from taking the monitors of one team for those of another, whatever key is put in. */
import { createHash } from 'node:crypto';
import { ConfigError } from '../../config/parse-config.ts';
import type { Account } from '../../config/settings.ts';
import { fetchTeam, type Team } from '../../exa/fetch-team.ts';
import type { ExaSourceOptions } from '../../exa/source.ts';
import { instantMs, instantOf } from '../../sync/model.ts';
import type { Database } from '../../warehouse/connection/database.ts';
import { loadAccount, saveAccount, type KnownAccount } from '../../warehouse/cycle/accounts.ts';

const dayMs = 86_400_000;

/** The key of an account is another team's than the one whose monitors are stored. */
export class ChangedAccountError extends ConfigError {}

/** An account and how the API is asked with its key. */
export interface AskedAccount extends Account {
  readonly options: ExaSourceOptions;
}

/**
 * Asks for the team of each key that is new to an account whose team is known, and looks for an account under two names.
 * @throws ChangedAccountError when one is another team's, before anything is written.
 */
export async function checkAccounts(accounts: readonly AskedAccount[], database: Database): Promise<void> {
  const mistakes: string[] = [];
  const unknown: AskedAccount[] = [];
  for (const account of accounts) {
    const known = await loadAccount(database, account.name);
    if (known === null || known.teamId === null) {
      unknown.push(account);
      continue;
    }
    if (known.keyFingerprint === fingerprintOf(account)) continue;
    const team = await fetchTeam(account.options);
    if (team === null) continue;
    if (team.id === known.teamId) await save(account, database, team);
    else mistakes.push(describeMistake(account, team, { id: known.teamId, name: known.teamName ?? '' }));
  }
  const named = accounts.filter((account) => !unknown.includes(account));
  for (const account of unknown) {
    const twin = named.find(({ apiKey }) => apiKey === account.apiKey);
    if (twin === undefined) named.push(account);
    else mistakes.push(describeTwin(account, twin));
  }
  if (mistakes.length > 0) throw new ChangedAccountError(mistakes);
}

/**
 * Remembers the team of each key that has just read its account, unless it is known. An API that does not tell is asked
 * again after a day.
 */
export async function identifyAccounts(accounts: readonly AskedAccount[], database: Database): Promise<void> {
  for (const account of accounts) {
    const known = await loadAccount(database, account.name);
    if (known !== null && isAsked(known, account)) continue;
    await save(account, database, await fetchTeam(account.options));
  }
}

function isAsked({ teamId, keyFingerprint, identifiedAt }: KnownAccount, account: AskedAccount): boolean {
  if (teamId !== null) return true;
  if (identifiedAt === null || keyFingerprint !== fingerprintOf(account)) return false;
  return Math.abs(account.options.clock.now() - instantMs(identifiedAt)) < dayMs;
}

function save(account: AskedAccount, database: Database, team: Team | null): Promise<void> {
  return saveAccount(database, account.name, {
    teamId: team?.id ?? null,
    teamName: team?.name ?? null,
    keyFingerprint: fingerprintOf(account),
    identifiedAt: instantOf(account.options.clock.now()),
  });
}

/** Tells keys apart and gives none away. */
function fingerprintOf({ apiKey }: Account): string {
  return createHash('sha256').update(apiKey).digest('hex').slice(0, 16);
}

function describeMistake({ name, keyName }: Account, team: Team, known: Team): string {
  return `${keyName}: belongs to the team ${describe(team)}, but what is stored as account "${name}" belongs to the team ${describe(known)}: put in a key of that team, or give the other team a name or a warehouse of its own`;
}

function describeTwin({ name, keyName }: Account, twin: Account): string {
  return `${keyName}: is the key of ${twin.keyName}: account "${name}" needs a key of its own team, or no name`;
}

function describe({ id, name }: Team): string {
  return name === '' ? id : `"${name}" (${id})`;
}

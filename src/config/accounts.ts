import type { Account } from './settings.ts';
import { settings } from './settings.ts';
import { headerSecret } from './value-schemas.ts';

const defaultAccount = 'default';

const defaultVariable = settings.exaApiKey.variable;
const named = new RegExp(`^${defaultVariable}_([A-Z0-9_]+)$`);

/** Whether a variable holds the key of an account, the default one included. */
export function isAccountVariable(variable: string): boolean {
  return variable === defaultVariable || (named.test(variable) && !variable.endsWith('_FILE'));
}

/** The accounts that variables name, the default one first, and a line for each mistake. */
export function readAccounts(
  apiKey: string | null,
  variables: Readonly<Record<string, string | undefined>>,
): { readonly accounts: readonly Account[]; readonly mistakes: readonly string[] } {
  const others = Object.keys(variables)
    .filter((variable) => variable !== defaultVariable && isAccountVariable(variable))
    .toSorted()
    .flatMap((keyName) => {
      const key = variables[keyName]?.trim() ?? '';
      const name = (named.exec(keyName)?.[1] ?? '').toLowerCase();
      return key === '' ? [] : [{ name, apiKey: key, keyName }];
    });
  const mistakes = others.flatMap(({ name, apiKey: key, keyName }) => {
    if (name === defaultAccount) return [`${keyName}: that account is the one of ${defaultVariable}`];
    const read = headerSecret().safeParse(key);
    return read.success ? [] : [`${keyName}: expected ${read.error.issues[0]?.message ?? 'another value'}`];
  });
  const first = apiKey === null ? [] : [{ name: defaultAccount, apiKey, keyName: defaultVariable }];
  return { accounts: [...first, ...others], mistakes };
}

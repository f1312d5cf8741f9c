import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isAccountVariable } from './accounts.ts';
import { settingNames, settings } from './settings.ts';

const suffix = '_FILE';

/** Variables whose values are secrets: each may be given as the name of a file instead. */
function isSecretVariable(variable: string): boolean {
  return (
    isAccountVariable(variable) ||
    settingNames.some((name) => settings[name].secret && settings[name].variable === variable)
  );
}

/** Whether a variable names the file of a secret, such as `EXA_API_KEY_FILE`. */
export function isSecretFileVariable(variable: string): boolean {
  return variable.endsWith(suffix) && isSecretVariable(variable.slice(0, -suffix.length));
}

export interface SecretFiles {
  /** The given variables, and those whose values were in files. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** A line for each file that cannot be read, and for each secret that is given twice. */
  readonly mistakes: readonly string[];
}

/** Reads the secrets that are given as files (`EXA_API_KEY_FILE=/run/secrets/exa`); relative paths begin at `directory`. */
export async function loadSecretFiles(
  variables: Readonly<Record<string, string | undefined>>,
  directory: string,
): Promise<SecretFiles> {
  const read: Record<string, string> = {};
  const mistakes: string[] = [];
  for (const [name, value = ''] of Object.entries(variables)) {
    const path = value.trim();
    if (path === '' || !isSecretFileVariable(name)) continue;
    const secret = name.slice(0, -suffix.length);
    if ((variables[secret]?.trim() ?? '') !== '') {
      mistakes.push(`${secret} and ${name}: both are set, set one of them`);
      continue;
    }
    try {
      read[secret] = await readFile(resolve(directory, path), 'utf8');
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
      mistakes.push(`${name}: cannot read ${path} (${code})`);
    }
  }
  return { variables: { ...variables, ...read }, mistakes };
}

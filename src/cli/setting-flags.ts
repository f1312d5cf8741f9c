import { Option, type Command } from 'commander';
import { ConfigError, type WrittenSettings } from '../config/parse-config.ts';
import { settingFlag, settingNames, settings } from '../config/settings.ts';

/** Gives the program a flag for every setting that is no secret. */
export function addSettingFlags(program: Command): void {
  for (const name of settingNames) {
    const flag = settingFlag(name);
    if (flag === null) continue;
    const { description, default: standard } = settings[name];
    const shown = standard === null ? description : `${description} (default: ${standard})`;
    program.addOption(new Option(`${flag} <value>`, shown.replaceAll('`', '')));
  }
}

/** The settings that were given as flags, as they were written. */
export function readSettingFlags(program: Command): WrittenSettings['flags'] {
  const options: Readonly<Record<string, unknown>> = program.opts();
  const given = settingNames.flatMap((name) => {
    const value = options[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return Object.fromEntries(given);
}

/**
 * Refuses a secret given as a flag before anything can repeat it.
 * @throws ConfigError that names the variable to use.
 */
export function refuseSecretFlags(argv: readonly string[]): void {
  const mistakes = settingNames.flatMap((name) => {
    const { secret, variable } = settings[name];
    const flag = `--${variable.toLowerCase().replaceAll('_', '-')}`;
    const given = secret && argv.some((argument) => argument === flag || argument.startsWith(`${flag}=`));
    if (!given) return [];
    return [
      `${variable}: set it in the environment or in .env; ${flag} is not accepted, since others can read a command's arguments`,
    ];
  });
  if (mistakes.length > 0) throw new ConfigError(mistakes);
}

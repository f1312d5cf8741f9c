import { isAccountVariable } from './accounts.ts';
import { isSecretFileVariable } from './secret-files.ts';
import { settingNames, settings } from './settings.ts';

/** Prefixes that only settings of this program have; libpq, Node and others have names of their own beside them. */
const ownPrefixes = ['EXA_', 'SYNC_', 'EMBEDDED_POSTGRES_', 'READ_ONLY_', 'ALERT_', 'HEARTBEAT_', 'READY_'];
const nearest = 2;

const variables = settingNames.map((name) => settings[name].variable);

/**
 * Names among the given ones that look like a setting and are none, such as `DATABSE_URL`: a line for each, with the
 * setting that is probably meant.
 */
export function findStrangeNames(given: Iterable<string>): readonly string[] {
  return [...new Set(given)].flatMap((name) => {
    if (isSetting(name)) return [];
    const [closest, distance] = findClosest(name);
    if (distance <= nearest) return [`${name} is no setting: ${closest} is probably meant`];
    return ownPrefixes.some((prefix) => name.startsWith(prefix))
      ? [`${name} is no setting: the nearest one is ${closest}`]
      : [];
  });
}

function isSetting(name: string): boolean {
  return variables.includes(name) || isAccountVariable(name) || isSecretFileVariable(name);
}

function findClosest(name: string): readonly [variable: string, distance: number] {
  return variables
    .map((variable) => [variable, distanceBetween(name, variable)] as const)
    .reduce((best, candidate) => (candidate[1] < best[1] ? candidate : best));
}

/** How many letters have to be put in, left out or changed to make one of the other. */
function distanceBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1];
    for (const [j, other] of b.split('').entries()) {
      const changed = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** Keeps root from being led elsewhere: in a directory of somebody else, every name may be a trap. */
import { readlink } from 'node:fs/promises';
import { dirname, join, parse, resolve, sep } from 'node:path';
import { lookAt } from '../cluster-file.ts';
import { EmbeddedPostgresError } from '../embedded-postgres-error.ts';

/** As many as Linux itself follows. */
const mostLinks = 40;
const root = 0;

/**
 * Refuses a path on which there is a symbolic link that somebody else than root may have made or may change. To be called
 * as root only; anybody else reaches through a link no more than what is theirs. What is missing on the path is no link.
 */
export async function refuseForeignLinks(path: string): Promise<void> {
  let { root: reached, rest } = split(path);
  let followed = 0;
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    const next = join(reached, name);
    const found = await lookAt(next);
    if (found === null || found.isFile()) return;
    if (!found.isSymbolicLink()) {
      reached = next;
      continue;
    }
    const holder = await lookAt(dirname(next));
    followed += 1;
    if (found.uid !== root || holder?.uid !== root || followed > mostLinks) throw foreignLink(next, path);
    const target = split(resolve(reached, await readlink(next)));
    reached = target.root;
    rest = [...target.rest, ...rest];
  }
}

function split(path: string): { root: string; rest: string[] } {
  const { root: top } = parse(resolve(path));
  return {
    root: top,
    rest: resolve(path)
      .slice(top.length)
      .split(sep)
      .filter((name) => name !== ''),
  };
}

function foreignLink(link: string, path: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `cannot keep the embedded Postgres in ${path}: ${link} is a symbolic link of another user, or in a directory of one, which root does not follow; name the directory itself, or set DATABASE_URL`,
  );
}

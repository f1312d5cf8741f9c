import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The path of a file of the project. */
export function pathOf(name: string): string {
  return fileURLToPath(new URL(`../../${name}`, import.meta.url));
}

export function readText(name: string): Promise<string> {
  return readFile(pathOf(name), 'utf8');
}

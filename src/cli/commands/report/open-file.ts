import { spawn } from 'node:child_process';

/** Opens a file with what the desktop opens such files with. @throws when there is no such program. */
export function openFile(path: string, platform: NodeJS.Platform = process.platform): Promise<void> {
  const [program, ...args] = openerOf(path, platform);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true });
    child.once('error', (error) => {
      reject(new Error(`cannot open ${path}: ${program} did not start`, { cause: error }));
    });
    // What it started lives on by itself; a viewer may stay open for hours.
    child.once('spawn', () => {
      child.unref();
      resolve();
    });
  });
}

function openerOf(path: string, platform: NodeJS.Platform): readonly [string, ...string[]] {
  if (platform === 'darwin') return ['open', path];
  // `start` of cmd.exe would read & and % in a path as its own.
  if (platform === 'win32') return ['explorer.exe', path];
  return ['xdg-open', path];
}

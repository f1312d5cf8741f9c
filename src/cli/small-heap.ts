import { setFlagsFromString } from 'node:v8';

/** Commands that read many pages; for the others a second start would cost more than it saves. */
const hungryCommands = ['sync', 'schedule', 'demo'];

/**
 * Most of the peak of a sync would be garbage that V8 has not collected yet (docs/decisions/0009 has the figures). Two
 * flags bound it, unless whoever started Node has said how the heap is to grow.
 *
 * What is old may grow by a fifth of what lives before it is collected, and not to four times as much. That can be said
 * while the program runs.
 *
 * What is young may take 100 MB and more from Node 22 on, since pages that wait to be stored make it grow. How large it
 * may get can only be said when Node starts, so the program starts once more, as the same process, where Node can do that.
 */
export function keepHeapSmall(self: NodeJS.Process): void {
  const flags = [...self.execArgv, self.env['NODE_OPTIONS'] ?? ''].join(' ');
  if (!hungryCommands.some((name) => self.argv.includes(name))) return;
  if (!flags.includes('heap-growing-percent')) setFlagsFromString('--heap-growing-percent=20');
  const execve: unknown = Reflect.get(self, 'execve');
  // Not on Windows; and a channel to a parent would not outlive it.
  if (typeof execve !== 'function' || self.platform === 'win32' || self.connected) return;
  if (flags.includes('semi-space-size')) return;
  const started = [self.execPath, '--max-semi-space-size=4', ...self.execArgv, ...self.argv.slice(1)];
  Reflect.apply(execve, self, [self.execPath, started, self.env]);
}

/**
 * Once answers are large: eight lists of runs that found a megabyte each then take 140 MB and not 170. For small ones it
 * would cost a quarter more processor time.
 */
export function collectEagerly(): void {
  setFlagsFromString('--optimize-for-size');
}

/** Commands that read many pages; for the others a second start would cost more than it saves. */
const hungryCommands = ['sync', 'schedule', 'demo'];

/**
 * What is young on V8's heap may take 100 MB and more from Node 22 on, and pages that wait to be stored make it grow: the
 * peak of a sync is then mostly garbage. How large it may get can only be said when Node starts, so the program starts
 * once more, as the same process. Whoever has said it, or has a Node that cannot do that, keeps what is.
 */
export function keepYoungHeapSmall(self: NodeJS.Process): void {
  const execve: unknown = Reflect.get(self, 'execve');
  const flags = [...self.execArgv, self.env['NODE_OPTIONS'] ?? ''].join(' ');
  const isWanted =
    hungryCommands.some((name) => self.argv.includes(name)) && !flags.includes('semi-space-size');
  // Not on Windows; and a channel to a parent would not outlive it.
  if (!isWanted || typeof execve !== 'function' || self.platform === 'win32' || self.connected) return;
  const started = [self.execPath, '--max-semi-space-size=4', ...self.execArgv, ...self.argv.slice(1)];
  Reflect.apply(execve, self, [self.execPath, started, self.env]);
}

import { inspect } from 'node:util';
import { describeError } from './describe-error.ts';
import type { ExitCode } from './exit-codes.ts';
import { Invocation } from './invocation.ts';
import { readPackageVersion } from '../app/package-version.ts';
import { createProgram } from './program.ts';
import { refuseSecretFlags } from './setting-flags.ts';
import type { ProcessSurroundings } from './process-surroundings.ts';

/** Runs one command. Never rejects: this is the place where errors become a line and an exit code. */
export async function runCommandLine(surroundings: ProcessSurroundings): Promise<ExitCode> {
  const invocation = await Invocation.create(surroundings);
  try {
    refuseSecretFlags(surroundings.argv);
    const program = await createProgram(invocation, await readPackageVersion());
    await program.parseAsync([...surroundings.argv], { from: 'user' });
    return invocation.exitCode;
  } catch (error) {
    const { lines, exitCode } = describeError(error, surroundings.interruptedBy());
    const details = invocation.showsStacks ? [inspect(error)] : [];
    for (const line of [...lines, ...details]) invocation.screen.print(`${invocation.redact(line)}\n`);
    return exitCode;
  }
}

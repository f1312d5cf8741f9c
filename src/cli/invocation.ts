import { loadDotenv } from '../config/load-dotenv.ts';
import { ConfigError, parseConfig, type ConfigWith, type WrittenSettings } from '../config/parse-config.ts';
import type { SettingName } from '../config/settings.ts';
import { findStrangeNames } from '../config/strange-names.ts';
import type { Logger } from '../sync/logger.ts';
import { createLogger, showsStacks, type LogLevel } from './create-logger.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { createRedact, findSecrets, type Redact } from '../app/redact.ts';
import { makeHarmless } from './terminal/make-harmless.ts';
import { createScreen, type Screen } from './terminal/screen.ts';
import type { ProcessSurroundings } from './process-surroundings.ts';

/** One execution of the program: what commands work with, and where they leave their exit code. */
export class Invocation {
  exitCode: ExitCode = exitCodes.succeeded;
  /** The settings given as flags; empty until the command line has been read. */
  settingFlags: WrittenSettings['flags'] = {};
  readonly surroundings: ProcessSurroundings;
  readonly screen: Screen;
  readonly redact: Redact;
  readonly #dotenv: Readonly<Record<string, string>> | ConfigError;
  #showsStacks = false;

  /** Reads `.env`; a file that cannot be read counts from the moment that a command wants the configuration. */
  static async create(surroundings: ProcessSurroundings): Promise<Invocation> {
    const dotenv = await loadDotenv(surroundings.workingDirectory).catch((error: unknown) => {
      if (error instanceof ConfigError) return error;
      throw error;
    });
    return new Invocation(surroundings, dotenv);
  }

  private constructor(
    surroundings: ProcessSurroundings,
    dotenv: Readonly<Record<string, string>> | ConfigError,
  ) {
    this.surroundings = surroundings;
    this.screen = createScreen(surroundings.stderr);
    this.#dotenv = dotenv;
    const written = dotenv instanceof ConfigError ? {} : dotenv;
    this.redact = createRedact(findSecrets([surroundings.environment, written]));
  }

  /** Whether errors are shown with their stack. */
  get showsStacks(): boolean {
    return this.#showsStacks;
  }

  /** `required`: what the command cannot do without. @throws ConfigError with every mistake at once. */
  parseConfig<Name extends SettingName = never>(required: readonly Name[] = []): ConfigWith<Name> {
    if (this.#dotenv instanceof ConfigError) throw this.#dotenv;
    const { environment } = this.surroundings;
    const config = parseConfig({ flags: this.settingFlags, environment, dotenv: this.#dotenv }, required);
    this.#showsStacks = showsStacks(config.logLevel);
    return config;
  }

  /** What stands among the variables and looks like a setting, but is none: a line for each. */
  strangeNames(): readonly string[] {
    const dotenv = this.#dotenv instanceof ConfigError ? {} : this.#dotenv;
    return findStrangeNames([...Object.keys(this.surroundings.environment), ...Object.keys(dotenv)]);
  }

  createLogger(level: LogLevel): Logger {
    return createLogger({ level, screen: this.screen, redact: this.redact });
  }

  /** Writes data to standard output, without secrets and made harmless, followed by a line break. */
  print(text: string): void {
    this.surroundings.stdout.write(`${makeHarmless(this.redact(text))}\n`);
  }

  /** The exit code of a command that only a signal ends as it should. */
  exitBySignal(): void {
    this.exitCode = this.surroundings.interruptedBy() ?? exitCodes.succeeded;
  }
}

import type { Logger } from 'pino';
import { loadDotenv } from '../config/load-dotenv.ts';
import { ConfigError, parseConfig, type ConfigWith, type WrittenSettings } from '../config/parse-config.ts';
import type { Config, SettingName } from '../config/settings.ts';
import { createLogger, showsStacks } from './create-logger.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { createRedact, findSecrets, type Redact } from '../app/redact.ts';
import { createScreen, type Screen } from './terminal/screen.ts';
import type { ProcessSurroundings } from './process-surroundings.ts';

/** One execution of the program: what commands work with, and where they leave their exit code. */
export class Invocation {
  exitCode: ExitCode = exitCodes.succeeded;
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

  /** @throws ConfigError with every mistake at once. */
  parseConfig<Name extends SettingName = never>(
    flags: WrittenSettings['flags'],
    required: readonly Name[] = [],
  ): ConfigWith<Name> {
    if (this.#dotenv instanceof ConfigError) throw this.#dotenv;
    const { environment } = this.surroundings;
    const config = parseConfig({ flags, environment, dotenv: this.#dotenv }, required);
    this.#showsStacks = showsStacks(config.logLevel);
    return config;
  }

  createLogger(level: Config['logLevel']): Logger {
    return createLogger({ level, screen: this.screen, redact: this.redact });
  }

  /** Writes data to standard output, followed by a line break. */
  print(text: string): void {
    this.surroundings.stdout.write(`${this.redact(text)}\n`);
  }
}

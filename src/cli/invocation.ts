import { loadDotenv } from '../config/load-dotenv.ts';
import { ConfigError, parseConfig, type WrittenSettings } from '../config/parse-config.ts';
import { loadSecretFiles } from '../config/secret-files.ts';
import type { Account } from '../config/settings.ts';
import type { Config } from '../config/settings.ts';
import { findStrangeNames } from '../config/strange-names.ts';
import type { Logger } from '../sync/logger.ts';
import { createLogger, showsStacks, type LogLevel } from './create-logger.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { createRedact, findSecrets, type Redact } from '../app/redact.ts';
import { makeHarmless } from './terminal/make-harmless.ts';
import { createScreen, type Screen } from './terminal/screen.ts';
import type { ProcessSurroundings } from './process-surroundings.ts';

/** The settings that are no flags, with the secrets that were in files. */
interface Written extends Pick<WrittenSettings, 'environment' | 'dotenv'> {
  readonly mistakes: readonly string[];
}

/** One execution of the program: what commands work with, and where they leave their exit code. */
export class Invocation {
  exitCode: ExitCode = exitCodes.succeeded;
  /** The settings given as flags; empty until the command line has been read. */
  settingFlags: WrittenSettings['flags'] = {};
  readonly surroundings: ProcessSurroundings;
  readonly screen: Screen;
  #dotenv: Readonly<Record<string, string>> | ConfigError = {};
  #written: Written = { environment: {}, dotenv: {}, mistakes: [] };
  #redact: Redact = (text) => text;
  #showsStacks = false;

  static async create(surroundings: ProcessSurroundings): Promise<Invocation> {
    const invocation = new Invocation(surroundings);
    await invocation.readDotenv();
    return invocation;
  }

  private constructor(surroundings: ProcessSurroundings) {
    this.surroundings = surroundings;
    this.screen = createScreen(surroundings.stderr);
  }

  /** Reads `.env`; a file that cannot be read counts from the moment that a command wants the configuration. */
  async readDotenv(): Promise<void> {
    this.#dotenv = await loadDotenv(this.surroundings.workingDirectory).catch((error: unknown) => {
      if (error instanceof ConfigError) return error;
      throw error;
    });
    await this.#readSecretFiles();
  }

  /** Whether errors are shown with their stack. */
  get showsStacks(): boolean {
    return this.#showsStacks;
  }

  /** Takes out every secret that is known by now. */
  readonly redact: Redact = (text) => this.#redact(text);

  /** Reads the secrets that are given as files; those of a service change while it runs. */
  async #readSecretFiles(): Promise<void> {
    const { environment, workingDirectory } = this.surroundings;
    const dotenv = this.#dotenv instanceof ConfigError ? {} : this.#dotenv;
    const [first, second] = await Promise.all(
      [environment, dotenv].map((variables) => loadSecretFiles(variables, workingDirectory)),
    );
    const before = findSecrets([this.#written.environment, this.#written.dotenv]);
    this.#written = {
      environment: first?.variables ?? {},
      dotenv: second?.variables ?? {},
      mistakes: [...(first?.mistakes ?? []), ...(second?.mistakes ?? [])],
    };
    const now = findSecrets([this.#written.environment, this.#written.dotenv]);
    this.#redact = createRedact([...now, ...before]);
  }

  /** The accounts as variables and files have them now. @throws ConfigError */
  readonly loadAccounts = async (): Promise<readonly Account[]> => {
    await this.#readSecretFiles();
    return this.parseConfig().accounts;
  };

  /** @throws ConfigError with every mistake at once. */
  parseConfig(): Config {
    if (this.#dotenv instanceof ConfigError) throw this.#dotenv;
    const { mistakes, ...written } = this.#written;
    if (mistakes.length > 0) throw new ConfigError(mistakes);
    const config = parseConfig({ flags: this.settingFlags, ...written });
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

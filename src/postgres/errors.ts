/** What a server said instead of letting a session begin. */
export class ServerRefusedError extends Error {
  override readonly name = 'ServerRefusedError';
  /** The SQLSTATE, such as `28P01`. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** The session cannot begin as the settings ask for it; the message is a clause that can follow the server's name. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The codes of a `ConnectError`. */
export const connectErrors = {
  /** Something else than Postgres listens there. */
  notPostgres: 'NOT_POSTGRES',
  timeout: 'CONNECT_TIMEOUT',
  closed: 'CONNECTION_CLOSED',
  tls: 'TLS_FAILED',
  authentication: 'AUTHENTICATION_FAILED',
  wrongServer: 'WRONG_SERVER',
} as const;

export interface HostFailure {
  readonly host: string;
  readonly port: number;
  readonly error: unknown;
}

/** None of several hosts, or of several ways to one host, led to a session. */
export class NoHostError extends Error {
  override readonly name = 'NoHostError';
  readonly failures: readonly HostFailure[];

  constructor(failures: readonly HostFailure[]) {
    super('none of the servers lets a session begin', { cause: failures.at(-1)?.error });
    this.failures = failures;
  }
}

/** A connection setting that cannot be used. `expected` is what would be right, as the rest of "expected …". */
export class ConnectionSettingError extends Error {
  override readonly name = 'ConnectionSettingError';
  readonly expected: string;

  constructor(expected: string, options?: ErrorOptions) {
    super(`expected ${expected}`, options);
    this.expected = expected;
  }
}

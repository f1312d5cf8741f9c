/** The embedded server cannot be used; the message is one line that says why and what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name: string = 'EmbeddedPostgresError';
}

/** Another program listens on the port that the embedded server should take. */
export class EmbeddedPortTakenError extends EmbeddedPostgresError {
  override readonly name = 'EmbeddedPortTakenError';
  readonly port: number;

  constructor(port: number, detail: string) {
    super(
      `embedded Postgres cannot listen on port ${port} (${detail}): set EMBEDDED_POSTGRES_PORT to another port, or to 0 for any free one`,
    );
    this.port = port;
  }
}

/** The data on disk belong to another user of this machine. */
export class ForeignDataDirectoryError extends EmbeddedPostgresError {
  override readonly name = 'ForeignDataDirectoryError';
}

/** The data on disk were made by another major version of Postgres than the installed binaries. */
export class PostgresVersionError extends EmbeddedPostgresError {
  override readonly name = 'PostgresVersionError';
}

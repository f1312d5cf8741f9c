/** A Postgres server for the length of a test run. */
export interface TestServer {
  /** For the line that tells a person which server the run uses; without a password. */
  readonly description: string;
  /** Connects as a user who may create databases. */
  readonly adminUrl: string;
  /** Ends what this run started; `keepData` says that failed tests left databases worth a look. */
  stop(keepData: boolean): Promise<void>;
}

export function databaseUrl(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** Where a database is and how to get in, as far as a message or a redaction needs it. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly database: string;
  /** Decoded; empty when the URL has none. */
  readonly password: string;
}

/**
 * Takes a `postgres://` or `postgresql://` URL apart; null when it is none. Of several hosts (`a:5432,b:5432`) the
 * first one counts: the driver reads such lists, the URL parser does not.
 */
export function parseDatabaseUrl(text: string): DatabaseAddress | null {
  const firstHostOnly = text.replace(/^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?[^,/?#@]*)(?:,[^/?#]*)?/, '$1');
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(firstHostOnly)) return null;
  const url = new URL(firstHostOnly);
  if (isCutInPassword(url)) return null;
  const decoded = [url.username, url.password, url.pathname.slice(1)].map(decodePercent);
  const [user, password, database] = decoded;
  if (user === undefined || password === undefined || database === undefined) return null;
  if (user === null || password === null || database === null) return null;
  return {
    host: url.hostname === '' ? 'localhost' : url.hostname,
    port: url.port === '' ? '5432' : url.port,
    user,
    database: database === '' ? user : database,
    password: password === '' ? (url.searchParams.get('password') ?? '') : password,
  };
}

/**
 * Whether an unescaped `/`, `?` or `#` of the password has ended the host: `u:47/11@h/db` would be the database `11@h/db`
 * of a host `u` with port 47, and messages would show the parts.
 */
function isCutInPassword({ username, password, pathname, search, hash }: URL): boolean {
  return pathname.includes('@') || (username + password === '' && `${search}${hash}`.includes('@'));
}

function decodePercent(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

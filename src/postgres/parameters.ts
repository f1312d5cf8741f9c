/** Every connection parameter of a URL, a service file or the environment, once. The table of the documentation comes from here. */

/** One connection parameter, by the name that it has in a URL. */
export interface Parameter {
  /** The environment variable that stands in for it; null: none. */
  readonly variable: string | null;
  /** `ignored` has no effect here, and psql or another program wants it; `refused` would have one that is not to be had. */
  readonly use: 'used' | 'ignored' | 'refused';
  /** What a value may be, as the rest of "expected …". */
  readonly expected: string;
  readonly accepts: (value: string) => boolean;
  readonly meaning: string;
}

interface Values {
  readonly expected: string;
  readonly accepts: (value: string) => boolean;
}

const text: Values = { expected: 'a text', accepts: () => true };
const whole: Values = { expected: 'a whole number', accepts: (value) => /^[+-]?\d{1,9}$/.test(value) };
const flag: Values = oneOf('0', '1');
const tlsVersion: Values = oneOf('', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3');

function oneOf(...words: readonly string[]): Values {
  const shown = words.filter((word) => word !== '').join(', ');
  return { expected: `one of ${shown}`, accepts: (value) => words.includes(value) };
}

function used(variable: string | null, values: Values, meaning: string): Parameter {
  return { variable, use: 'used', ...values, meaning };
}

function ignored(variable: string | null, values: Values, meaning: string): Parameter {
  return { variable, use: 'ignored', ...values, meaning };
}

function refused(variable: string | null, meaning: string): Parameter {
  const expected = 'it not to be set, since it is not supported';
  return { variable, use: 'refused', expected, accepts: (value) => value === '', meaning };
}

export const tlsModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

export const targetSessions = [
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
] as const;

export const channelBindings = ['disable', 'prefer', 'require'] as const;

const table = {
  host: used(
    'PGHOST',
    text,
    'Name, address or directory of a Unix socket, or several with commas, tried in turn. None: `localhost` (psql: the directory of sockets that it was built with).',
  ),
  hostaddr: used(
    'PGHOSTADDR',
    text,
    'Address to connect to, while `host` is what the certificate is checked for.',
  ),
  port: used(
    'PGPORT',
    { expected: 'ports from 1 to 65535', accepts: arePorts },
    'One for all hosts, or one for each. None: 5432.',
  ),
  dbname: used('PGDATABASE', text, 'None: the name of the user.'),
  user: used('PGUSER', text, 'None: who runs the program.'),
  password: used('PGPASSWORD', text, 'Prepared by SASLprep for SCRAM; for the older ways as it is.'),
  passfile: used(
    'PGPASSFILE',
    text,
    'File of passwords by server. None: `~/.pgpass`. One that others may read is not used.',
  ),
  service: used(
    'PGSERVICE',
    text,
    'Section of `PGSERVICEFILE`, `~/.pg_service.conf` or `PGSYSCONFDIR/pg_service.conf`, for what the URL leaves out.',
  ),
  connect_timeout: used(
    'PGCONNECT_TIMEOUT',
    whole,
    'Seconds for each host, at least 2. None or 0: 10 (psql: for ever).',
  ),
  application_name: used('PGAPPNAME', text, 'None: `fallback_application_name`, or `exa-monitor-sync`.'),
  fallback_application_name: used(null, text, 'For when `application_name` is not set.'),
  options: used(
    'PGOPTIONS',
    text,
    "Command-line options for the server's session, such as `-c work_mem=64MB`, or a pooler's own.",
  ),
  keepalives: used(null, flag, '0: no TCP keepalives.'),
  keepalives_idle: used(
    null,
    whole,
    'Seconds of silence before the first keepalive. None or 0: 60 (psql: what the system says).',
  ),
  sslmode: used(
    'PGSSLMODE',
    oneOf(...tlsModes, 'no-verify'),
    'See below. None: `prefer`. `no-verify`, which psql does not know, is `require` without a look at the certificate.',
  ),
  ssl: used(null, oneOf('true'), '`true` is `sslmode=require`, as for psql.'),
  sslrootcert: used(
    'PGSSLROOTCERT',
    text,
    "File of authorities, or `system` for those that come with Node, and then only with `verify-full`. None: `~/.postgresql/root.crt`; without that file `verify-full` takes Node's (psql refuses).",
  ),
  sslcert: used(
    'PGSSLCERT',
    text,
    "The client's certificate. None: `~/.postgresql/postgresql.crt` if it exists.",
  ),
  sslkey: used('PGSSLKEY', text, 'Its key, which others may not read. None: `~/.postgresql/postgresql.key`.'),
  sslpassword: used(null, text, 'Passphrase of the key.'),
  sslcrl: used(
    'PGSSLCRL',
    text,
    'File of revoked certificates. None: `~/.postgresql/root.crl` if it exists.',
  ),
  sslsni: used('PGSSLSNI', flag, '0: the name of the host is not sent in the clear before encryption.'),
  ssl_min_protocol_version: used('PGSSLMINPROTOCOLVERSION', tlsVersion, 'None: TLSv1.2.'),
  ssl_max_protocol_version: used('PGSSLMAXPROTOCOLVERSION', tlsVersion, 'None: the newest.'),
  sslnegotiation: used(
    'PGSSLNEGOTIATION',
    oneOf('postgres', 'direct'),
    '`direct` begins with TLS at once (psql from 17 on), and only with `require` or more.',
  ),
  channel_binding: used(
    'PGCHANNELBINDING',
    oneOf(...channelBindings),
    'Whether the password is proven for this one encrypted connection. None: `prefer`.',
  ),
  require_auth: used(
    'PGREQUIREAUTH',
    oneOf('', 'scram-sha-256'),
    'Any other request than for SCRAM is refused, and so is a server that asks for nothing. None: each is answered.',
  ),
  target_session_attrs: used(
    'PGTARGETSESSIONATTRS',
    oneOf(...targetSessions),
    'Which of several hosts will do. None: `any`.',
  ),
  schema: used(
    null,
    text,
    'Of Prisma: the schema of the tables, unless `DATABASE_SCHEMA` is set. Not known to psql.',
  ),
  keepalives_interval: ignored(null, whole, 'Node cannot set it.'),
  keepalives_count: ignored(null, whole, 'Node cannot set it.'),
  tcp_user_timeout: ignored(null, whole, 'Node cannot set it.'),
  client_encoding: ignored('PGCLIENTENCODING', text, 'It is always UTF8.'),
  sslcompression: ignored('PGSSLCOMPRESSION', flag, 'There is none.'),
  gssencmode: ignored(
    'PGGSSENCMODE',
    oneOf('disable', 'prefer'),
    'GSSAPI is not supported, so `require` is refused.',
  ),
  krbsrvname: ignored('PGKRBSRVNAME', text, 'For GSSAPI only.'),
  gsslib: ignored('PGGSSLIB', text, 'For GSSAPI only.'),
  load_balance_hosts: ignored(
    'PGLOADBALANCEHOSTS',
    oneOf('disable', 'random'),
    'The hosts are tried as they are written.',
  ),
  pgbouncer: ignored(
    null,
    text,
    'Of Prisma and Supabase: nothing that a pooler forbids is used in any case.',
  ),
  connection_limit: ignored(null, text, 'Of Prisma: `SYNC_CONCURRENCY` says it here.'),
  pool_timeout: ignored(null, text, 'Of Prisma.'),
  statement_cache_size: ignored(null, text, 'Of Prisma: there is none.'),
  uselibpqcompat: ignored(null, text, "Of node-postgres: psql's meaning is the one here."),
  supa: ignored(null, text, "Of Vercel's Supabase integration."),
  workaround: ignored(null, text, "Of Vercel's Supabase integration."),
  requirepeer: refused('PGREQUIREPEER', 'Node does not tell who serves a socket.'),
  sslcrldir: refused('PGSSLCRLDIR', 'Use `sslcrl`.'),
  sslcertmode: refused('PGSSLCERTMODE', 'A client certificate is sent if there is one.'),
  replication: refused(null, 'It is not a session for statements.'),
} as const satisfies Readonly<Record<string, Parameter>>;

export type ParameterName = keyof typeof table;

/** Values by parameter; what is not set is not there. */
export type ParameterValues = { readonly [Name in ParameterName]?: string };

export const parameters: Readonly<Record<ParameterName, Parameter>> = table;

export const parameterNames: readonly ParameterName[] = Object.keys(table).filter(isParameterName);

export function isParameterName(name: string): name is ParameterName {
  return Object.hasOwn(table, name);
}

function arePorts(value: string): boolean {
  return value
    .split(',')
    .every((port) => port === '' || (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535));
}

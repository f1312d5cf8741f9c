/** What is expected is what psql 15 does with the same URL, unless a test says otherwise. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createDatabaseError } from '../../src/app/database-failure.ts';
import { openDatabase } from '../../src/warehouse/connection/database.ts';
import { findFreePort } from '../schedule/free-port.ts';
import { password, startTlsServers, type TlsServers } from './tls-server.ts';

let servers: TlsServers;

beforeAll(async () => {
  servers = await startTlsServers();
}, 120_000);

afterAll(() => servers.stop());

interface Place {
  readonly database?: string;
  readonly host?: string;
  readonly user?: string;
  readonly secret?: string;
}

function urlOf(
  query: string,
  {
    database = 'postgres',
    host = `127.0.0.1:${servers.port}`,
    user = 'postgres',
    secret = password,
  }: Place = {},
): string {
  const credentials = secret === '' ? user : `${user}:${encodeURIComponent(secret)}`;
  return `postgres://${credentials}@${host}/${encodeURIComponent(database)}${query}`;
}

/** How the session came about, or the line that says why there is none. */
async function tell(url: string, environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const database = openDatabase({ url, environment, schema: null, maxConnections: 1 });
  onTestFinished(() => database.close(0));
  try {
    const [row] = await database.transaction((tx) =>
      tx.execute<{ encrypted: boolean; name: string; memory: string; port: string }>(sql`
        select ssl as encrypted, current_setting('application_name') as name, current_setting('work_mem') as memory,
          current_setting('port') as port
        from pg_stat_ssl where pid = pg_backend_pid()`),
    );
    return [row?.encrypted === true ? 'encrypted' : 'plain', row?.name, row?.memory, row?.port].join(' ');
  } catch (error) {
    const target = {
      setting: 'DATABASE_URL',
      host: '127.0.0.1',
      port: String(servers.port),
      user: 'postgres',
      database: '',
    };
    return createDatabaseError(error, target).message;
  }
}

async function home(files: Readonly<Record<string, string>>): Promise<{ HOME: string }> {
  const HOME = await mkdtemp(join(tmpdir(), 'exa-monitor-sync-home-'));
  onTestFinished(() => rm(HOME, { recursive: true, force: true }));
  await mkdir(join(HOME, '.postgresql'));
  for (const [name, content] of Object.entries(files))
    await writeFile(join(HOME, name), content, { mode: 0o600 });
  return { HOME };
}

describe('sslmode', () => {
  const rows: readonly (readonly [string, string, RegExp])[] = [
    ['postgres', '', /^encrypted/],
    ['postgres', 'disable', /^plain/],
    ['postgres', 'allow', /^plain/],
    ['postgres', 'prefer', /^encrypted/],
    ['postgres', 'require', /^encrypted/],
    // Not known to psql.
    ['postgres', 'no-verify', /^encrypted/],
    ['tls_only', '', /^encrypted/],
    ['tls_only', 'disable', /rejects connection .* no encryption \(28000\)$/],
    ['tls_only', 'allow', /^encrypted/],
    ['plain_only', '', /^plain/],
    ['plain_only', 'prefer', /^plain/],
    ['plain_only', 'require', /rejects connection .* SSL encryption \(28000\)$/],
    ['by_md5', 'prefer', /^encrypted/],
    ['by_password', 'prefer', /^encrypted/],
    ['any/way ä', 'require', /^encrypted/],
  ];
  it.each(rows)('of a session with database %s is %j', async (database, mode, expected) => {
    expect(await tell(urlOf(mode === '' ? '' : `?sslmode=${mode}`, { database }))).toMatch(expected);
  });

  it('verify-full checks the name that the URL has, an address too', async () => {
    const trusted = `?sslmode=verify-full&sslrootcert=${servers.authority}`;
    expect(await tell(urlOf(trusted, { host: `localhost:${servers.port}` }))).toMatch(/^encrypted/);
    expect(await tell(urlOf(trusted))).toMatch(
      /cannot connect to 127\.0\.0\.1:\d+: .*IP: 127\.0\.0\.1 is not in the cert's list/,
    );
    const byAddress = { host: `localhost:${servers.port}` };
    expect(await tell(urlOf(`${trusted}&hostaddr=127.0.0.1`, byAddress))).toMatch(/^encrypted/);
  });

  it('verify-ca checks who has signed, and require does so when there is a file of authorities', async () => {
    for (const mode of ['verify-ca', 'require']) {
      expect(await tell(urlOf(`?sslmode=${mode}&sslrootcert=${servers.authority}`))).toMatch(/^encrypted/);
      expect(await tell(urlOf(`?sslmode=${mode}&sslrootcert=${servers.otherAuthority}`))).toMatch(
        /cannot be encrypted as asked/,
      );
    }
    expect(await tell(urlOf('?sslmode=verify-ca'))).toMatch(/^DATABASE_URL: expected a file of authorities/);
    expect(await tell(urlOf('?sslmode=verify-ca&sslrootcert=system'))).toMatch(
      /sslmode to be verify-full with sslrootcert=system/,
    );
  });

  it('verify-full without a file takes the authorities of Node, where psql refuses', async () => {
    expect(await tell(urlOf('?sslmode=verify-full'))).toMatch(
      /cannot be encrypted as asked: (self.signed|unable to verify)/,
    );
  });
});

describe('a certificate of the client', () => {
  it('is sent, from the files of the URL and from those of the home', async () => {
    const place = { database: 'by_certificate', secret: '' };
    const files = `&sslcert=${servers.clientCertificate}&sslkey=${servers.clientKey}`;
    expect(await tell(urlOf(`?sslmode=require${files}`, place))).toMatch(/^encrypted/);
    expect(await tell(urlOf('?sslmode=require', place))).toMatch(/requires a valid client certificate/);
  });

  it('whose key others may read is refused', async () => {
    const key = join(servers.directory, 'open.key');
    await writeFile(key, 'key');
    await chmod(key, 0o644);
    const line = await tell(urlOf(`?sslcert=${servers.clientCertificate}&sslkey=${key}`));
    expect(line).toBe(
      `DATABASE_URL: expected sslkey to be a file that others may not read: chmod 600 ${key}`,
    );
  });
});

describe('channel_binding', () => {
  it.each([
    ['postgres', '?channel_binding=require', /^encrypted/],
    ['postgres', '?channel_binding=require&sslmode=require', /^encrypted/],
    ['postgres', '?channel_binding=disable', /^encrypted/],
    [
      'postgres',
      '?channel_binding=require&sslmode=disable',
      /channel_binding=require cannot be kept: the connection is not encrypted$/,
    ],
    ['by_password', '?channel_binding=require', /channel_binding=require cannot be kept/],
  ])('with %s%s', async (database, query, expected) => {
    expect(await tell(urlOf(query, { database }))).toMatch(expected);
  });
});

describe('require_auth', () => {
  const wanted = '?require_auth=scram-sha-256';
  it.each([
    ['postgres', wanted, /^encrypted/],
    ['postgres', `${wanted}&sslmode=disable`, /^plain/],
    // The server asks for SCRAM there, too, as it keeps the password for that.
    ['by_md5', wanted, /^encrypted/],
    ['by_password', wanted, /require_auth=scram-sha-256 cannot be kept: the server does not ask for SCRAM$/],
  ])('with %s%s', async (database, query, expected) => {
    expect(await tell(urlOf(query, { database }))).toMatch(expected);
  });

  it('refuses a server that asks for nothing', async () => {
    const files = `&sslmode=require&sslcert=${servers.clientCertificate}&sslkey=${servers.clientKey}`;
    expect(await tell(urlOf(wanted + files, { database: 'by_certificate' }))).toMatch(
      /require_auth=scram-sha-256 cannot be kept/,
    );
  });

  it('may be in the environment', async () => {
    expect(await tell(urlOf('', { database: 'by_password' }), { PGREQUIREAUTH: 'scram-sha-256' })).toMatch(
      /require_auth=scram-sha-256 cannot be kept/,
    );
  });
});

describe('several hosts', () => {
  it('are tried in turn, and the one that target_session_attrs asks for is taken', async () => {
    const closed = await findFreePort();
    const both = { host: `127.0.0.1:${closed},127.0.0.1:${servers.readOnlyPort},localhost:${servers.port}` };
    const rows: readonly (readonly [string, RegExp])[] = [
      ['', new RegExp(` ${servers.readOnlyPort}$`)],
      ['?target_session_attrs=any', new RegExp(` ${servers.readOnlyPort}$`)],
      ['?target_session_attrs=read-write', new RegExp(` ${servers.port}$`)],
      ['?target_session_attrs=read-only', new RegExp(` ${servers.readOnlyPort}$`)],
      ['?target_session_attrs=primary', new RegExp(` ${servers.readOnlyPort}$`)],
      ['?target_session_attrs=prefer-standby', new RegExp(` ${servers.readOnlyPort}$`)],
      [
        '?target_session_attrs=standby',
        /refused; .*it is a primary that only reads.*; .*it is a primary that writes/,
      ],
    ];
    for (const [query, expected] of rows) expect(await tell(urlOf(query, both))).toMatch(expected);
  });

  it('are all named when none answers', async () => {
    const [one, two] = [await findFreePort(), await findFreePort()];
    expect(await tell(urlOf('', { host: `127.0.0.1:${one},localhost:${two}` }))).toBe(
      `DATABASE_URL: cannot connect to 127.0.0.1:${one}: connection refused; cannot connect to localhost:${two}: connection refused`,
    );
  });

  it('are not tried further after a wrong password', async () => {
    const host = `127.0.0.1:${servers.port},127.0.0.1:${servers.readOnlyPort}`;
    expect(await tell(urlOf('', { host, secret: 'wrong' }))).toMatch(
      /^DATABASE_URL: [^;]* refuses the password of user "postgres"$/,
    );
  });
});

describe('a Unix socket', () => {
  it.each(['the host', 'a parameter', 'the environment'])(
    'can be named by %s, and is never encrypted',
    async (where) => {
      const { directory, port } = servers;
      const secret = encodeURIComponent(password);
      const [url, environment] = {
        'the host': [
          `postgres://postgres:${secret}@${encodeURIComponent(directory)}:${port}/postgres?sslmode=require`,
          {},
        ] as const,
        'a parameter': [
          `postgres://postgres:${secret}@/postgres?host=${directory}&port=${port}`,
          {},
        ] as const,
        'the environment': [
          'postgres:///postgres',
          { PGHOST: directory, PGPORT: String(port), PGUSER: 'postgres', PGPASSWORD: password },
        ] as const,
      }[where] ?? ['', {}];
      expect(await tell(url, environment)).toMatch(/^plain/);
    },
  );

  it('that is not there is said by its path', async () => {
    expect(await tell('postgres://u@/db?host=/nowhere/to')).toMatch(
      /^DATABASE_URL: cannot connect to .*there is no such socket$/,
    );
  });
});

describe('a password', () => {
  it('comes from the URL, else from PGPASSWORD, else from the file', async () => {
    const url = urlOf('', { secret: '' });
    const rest = `${servers.port}:*:postgres`;
    const escaped = password.replaceAll(':', String.raw`\:`);
    const file = `# a comment\nother:${rest}:wrong\n127.0.0.1:${rest}:${escaped}\n`;
    const place = await home({ '.pgpass': file });
    expect(await tell(url, place)).toMatch(/^encrypted/);
    expect(await tell(url, { ...place, PGPASSWORD: 'wrong' })).toMatch(/refuses the password/);
    expect(await tell(urlOf('', { secret: password }), { PGPASSWORD: 'wrong' })).toMatch(/^encrypted/);
    expect(await tell(url, { PGPASSFILE: join(place.HOME, '.pgpass') })).toMatch(/^encrypted/);
    await chmod(join(place.HOME, '.pgpass'), 0o644);
    expect(await tell(url, place)).toMatch(
      /asks for a password and none is given \(.*others may read it: chmod 600\)$/,
    );
    expect(await tell(url)).toMatch(/asks for a password and none is given$/);
  });

  it('that SASLprep changes, or does not allow, is the one that the server knows', async () => {
    const admin = openDatabase({ url: urlOf(''), schema: null, maxConnections: 1 });
    onTestFinished(() => admin.close());
    // A ligature, a space of another width, a soft hyphen; and a character that may be in no password.
    for (const [index, secret] of ['ﬁne\u00a0pa\u00adss', 'tab\u0007bell', 'naïve Å'].entries()) {
      const user = `prepared_${index}`;
      await admin.transaction((tx) =>
        tx.execute(sql.raw(`create role "${user}" login password '${secret}'`)),
      );
      expect(await tell(urlOf('', { user, secret }))).toMatch(/^encrypted/);
    }
  });

  it('that the server keeps as MD5 is sent in that way, unless the channel has to be bound', async () => {
    const admin = openDatabase({ url: urlOf(''), schema: null, maxConnections: 1 });
    onTestFinished(() => admin.close());
    await admin.transaction(async (tx) => {
      await tx.execute(sql`set local password_encryption = md5`);
      await tx.execute(sql.raw(`create role legacy login password 'old'`));
    });
    const place = { database: 'by_md5', user: 'legacy', secret: 'old' };
    expect(await tell(urlOf('', place))).toMatch(/^encrypted/);
    expect(await tell(urlOf('?channel_binding=require', place))).toMatch(
      /channel_binding=require cannot be kept/,
    );
  });

  it('that only looks like the right one is refused', async () => {
    expect(await tell(urlOf('', { secret: `${password} ` }))).toMatch(/refuses the password/);
  });
});

describe('a service', () => {
  it('fills in what the URL leaves out, before the environment does', async () => {
    const place = await home({
      '.pg_service.conf': `# mine\n[exa]\nhost=127.0.0.1\nport=${servers.port}\nuser=postgres\npassword=${password}\ndbname=plain_only\napplication_name=of the service\n[other]\nhost=h\n`,
    });
    const environment = { ...place, PGSERVICE: 'exa', PGAPPNAME: 'of the environment' };
    expect(await tell('postgres://', environment)).toMatch(/^plain of the service/);
    expect(await tell('postgres:///tls_only?application_name=of%20the%20URL', environment)).toMatch(
      /^encrypted of the URL/,
    );
    expect(await tell('postgres://?service=nope', place)).toBe(
      'DATABASE_URL: expected a service that a pg_service.conf defines, not "nope"',
    );
  });
});

it('settings of the session come with it: the name, and options of the server', async () => {
  expect(await tell(urlOf(''))).toMatch(/^encrypted exa-monitor-sync 4MB/);
  expect(await tell(urlOf('?options=-c%20work_mem%3D1MB&fallback_application_name=mine'))).toMatch(
    /^encrypted mine 1MB/,
  );
  expect(
    await tell(urlOf('?application_name=me'), { PGAPPNAME: 'not me', PGOPTIONS: '-c work_mem=2MB' }),
  ).toMatch(/^encrypted me 2MB/);
});

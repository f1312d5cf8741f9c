/** Each row is how psql 15 reads the URL, unless it says otherwise. */
import { describe, expect, it } from 'vitest';
import { parseConnectionUrl } from '../../src/postgres/connection-url.ts';
import type { ParameterValues } from '../../src/postgres/parameters.ts';

const handedOut: readonly (readonly [string, string, ParameterValues])[] = [
  [
    'Neon',
    'postgresql://owner:npg_x@ep-cool-1-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require',
    {
      user: 'owner',
      password: 'npg_x',
      host: 'ep-cool-1-pooler.eu-central-1.aws.neon.tech',
      dbname: 'neondb',
      sslmode: 'require',
      channel_binding: 'require',
    },
  ],
  [
    'Neon without SNI',
    'postgres://owner:x@neon.tech/main?options=endpoint%3Dep-cool-1',
    { user: 'owner', password: 'x', host: 'neon.tech', dbname: 'main', options: 'endpoint=ep-cool-1' },
  ],
  [
    'Supabase, which psql refuses for pgbouncer',
    'postgresql://postgres.abc:[YOUR-PASSWORD]@aws-0-eu.pooler.supabase.com:6543/postgres?pgbouncer=true&connection_limit=1',
    {
      user: 'postgres.abc',
      password: '[YOUR-PASSWORD]',
      host: 'aws-0-eu.pooler.supabase.com',
      port: '6543',
      dbname: 'postgres',
      pgbouncer: 'true',
      connection_limit: '1',
    },
  ],
  [
    'RDS',
    'postgres://exa:x@db.abc.eu-west-1.rds.amazonaws.com:5432/exa?sslmode=verify-full&sslrootcert=/etc/ssl/rds/global-bundle.pem',
    {
      user: 'exa',
      password: 'x',
      host: 'db.abc.eu-west-1.rds.amazonaws.com',
      port: '5432',
      dbname: 'exa',
      sslmode: 'verify-full',
      sslrootcert: '/etc/ssl/rds/global-bundle.pem',
    },
  ],
  [
    'Heroku, with the mode of its Node guide that psql refuses',
    'postgres://u1:p1@ec2-1-2-3-4.compute-1.amazonaws.com:5432/d1?sslmode=no-verify',
    {
      user: 'u1',
      password: 'p1',
      host: 'ec2-1-2-3-4.compute-1.amazonaws.com',
      port: '5432',
      dbname: 'd1',
      sslmode: 'no-verify',
    },
  ],
  [
    'Fly',
    'postgres://app:x@app-db.flycast:5432/app?sslmode=disable',
    { user: 'app', password: 'x', host: 'app-db.flycast', port: '5432', dbname: 'app', sslmode: 'disable' },
  ],
  [
    'Cloud SQL',
    'postgres://exa:x@/exa?host=/cloudsql/project:europe-west1:instance',
    { user: 'exa', password: 'x', dbname: 'exa', host: '/cloudsql/project:europe-west1:instance' },
  ],
  [
    'Cloud SQL, in the place of the host',
    'postgres://exa:x@%2Fcloudsql%2Fproject%3Aeurope-west1%3Ainstance/exa',
    { user: 'exa', password: 'x', dbname: 'exa', host: '/cloudsql/project:europe-west1:instance' },
  ],
  [
    'Prisma, which psql refuses for schema',
    'postgresql://u:p@h:5432/db?schema=exa',
    { user: 'u', password: 'p', host: 'h', port: '5432', dbname: 'db', schema: 'exa' },
  ],
];

const read: readonly (readonly [string, ParameterValues])[] = [
  ['postgres://', {}],
  ['postgres:///db', { dbname: 'db' }],
  ['postgres://u@h', { user: 'u', host: 'h' }],
  ['postgres://u:p@[::1]:5433/db', { user: 'u', password: 'p', host: '::1', port: '5433', dbname: 'db' }],
  ['postgres://[fe80::1%25eth0]/db', { host: 'fe80::1%eth0', dbname: 'db' }],
  ['postgres://u@a:1,b,[::1]:3/db', { user: 'u', host: 'a,b,::1', port: '1,,3', dbname: 'db' }],
  ['postgres://%2Ftmp%2Fpg:5433/db', { host: '/tmp/pg', port: '5433', dbname: 'db' }],
  ['postgres:///db?host=/tmp/pg&port=5433', { dbname: 'db', host: '/tmp/pg', port: '5433' }],
  ['postgres://a/db?host=b&user=c&dbname=d', { host: 'b', user: 'c', dbname: 'd' }],
  ['postgres://u:p%40%2F%C3%A4@h/my%20db%2Fx', { user: 'u', password: 'p@/ä', host: 'h', dbname: 'my db/x' }],
  ['postgres://u:p#w@h/db', { user: 'u', password: 'p#w', host: 'h', dbname: 'db' }],
  ['postgres://u:47?11@h/db', { user: 'u', password: '47?11', host: 'h', dbname: 'db' }],
  ['postgres://u:a:b@h/db', { user: 'u', password: 'a:b', host: 'h', dbname: 'db' }],
  [
    'postgres://u:a+b@h/d+b?application_name=a+b',
    { user: 'u', password: 'a+b', host: 'h', dbname: 'd+b', application_name: 'a+b' },
  ],
  ['postgres://u@h/db?', { user: 'u', host: 'h', dbname: 'db' }],
  ['postgres://u@h?application_name=a@b&', { user: 'u', host: 'h', application_name: 'a@b' }],
  ['postgres://h/db?ssl=true', { host: 'h', dbname: 'db', sslmode: 'require' }],
  ['postgres://u@h/db?password=from%26query', { user: 'u', host: 'h', dbname: 'db', password: 'from&query' }],
  // Psql takes the host to be "w@h", and wants the second "=" percent-encoded.
  ['postgres://u:p@w@h/db', { user: 'u', password: 'p@w', host: 'h', dbname: 'db' }],
  ['postgres://h/db?options=-c work_mem=1MB', { host: 'h', dbname: 'db', options: '-c work_mem=1MB' }],
];

const refused: readonly (readonly [string, string])[] = [
  ['mysql://u:p@h/db', 'postgres://user:password@host'],
  ['POSTGRES://h/db', 'postgres://user:password@host'],
  ['postgres://u:%zz@h/db', 'percent-encoded'],
  ['postgres://h/d%00b', 'percent-encoded'],
  ['postgres://[::1/db', 'postgres://user:password@host'],
  ['postgres://[::1]x/db', 'postgres://user:password@host'],
  ['postgres://h:x/db', 'postgres://user:password@host'],
  ['postgres://h:99999/db', 'port to be ports from 1 to 65535'],
  ['postgres://h/db?foo=1', 'a parameter that docs/database-url.md lists, not "foo"'],
  ['postgres://h/db?SSLMODE=require', 'a parameter that docs/database-url.md lists, not "SSLMODE"'],
  ['postgres://h/db?max=5', 'a parameter that docs/database-url.md lists, not "max"'],
  ['postgres://h/db?=1', 'a parameter that docs/database-url.md lists'],
  ['postgres://h/db?sslmode', 'a value for sslmode'],
  [
    'postgres://h/db?sslmode=',
    'sslmode to be one of disable, allow, prefer, require, verify-ca, verify-full',
  ],
  ['postgres://h/db?ssl=false', 'ssl to be one of true'],
  ['postgres://h/db?channel_binding=x', 'channel_binding to be one of'],
  ['postgres://h/db?target_session_attrs=x', 'target_session_attrs to be one of'],
  ['postgres://h/db?connect_timeout=soon', 'connect_timeout to be a whole number'],
  ['postgres://h/db?ssl_min_protocol_version=TLSv9', 'ssl_min_protocol_version to be one of TLSv1'],
  // Psql knows these; here they would be promises that are not kept.
  ['postgres://h/db?requirepeer=postgres', 'no requirepeer'],
  ['postgres://h/db?gssencmode=require', 'gssencmode to be one of disable, prefer'],
  ['postgres://h/db?require_auth=scram-sha-256,md5', 'require_auth to be one of scram-sha-256'],
  ['postgres://h/db?replication=database', 'no replication'],
  // Psql looks for a host "u" here, and a part of the password is in its message.
  ['postgres://u:47/11@h/db', 'percent-encoded'],
  ['postgres://u:p@47/11@h/db', 'percent-encoded'],
];

describe('a connection URL', () => {
  it.each(handedOut)('is read as %s hands it out', (_, url, values) => {
    expect(parseConnectionUrl(url)).toEqual(values);
  });

  it.each(read)('may be %s', (url, values) => {
    expect(parseConnectionUrl(url)).toEqual(values);
  });

  it.each(refused)('may not be %s', (url, expected) => {
    expect(() => parseConnectionUrl(url)).toThrow(expected);
  });

  it('is refused without a word of its password', () => {
    for (const url of [
      'postgres://u:geheim/x@h/db',
      'postgres://u:geheim@h:x/db',
      'postgres://u:geheim%zz@h/db',
      'postgres://u:x/y?geheim=1@h/db',
    ]) {
      expect(() => parseConnectionUrl(url)).toThrow(/^(?!.*geheim)expected /s);
    }
  });
});

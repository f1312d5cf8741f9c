/** Postgres servers that are let in to by rules of a test's own, with certificates of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chown, cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { findPostgresBinaries, programPath } from '../../src/embedded/place/postgres-binaries.ts';
import { runProgram } from '../../src/embedded/run-program.ts';
import { findServerAccounts, isRoot, type ServerAccount } from '../../src/embedded/place/server-account.ts';
import { createSharedLibraryLinks } from '../../src/embedded/place/shared-library-links.ts';
import { makeReachableDirectory } from '../embedded/reachable-directory.ts';
import { findFreePort } from '../schedule/free-port.ts';

export const password = 'geheim/47:11';

export interface TlsServers {
  /** Holds the sockets and the files of certificates, which everybody may enter. */
  readonly directory: string;
  readonly port: number;
  /** Its sessions only read, as if it had been told so by `default_transaction_read_only`. */
  readonly readOnlyPort: number;
  /** Files in PEM format. */
  readonly authority: string;
  readonly otherAuthority: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
  stop(): Promise<void>;
}

/** By the name of the database. The first fitting line counts. */
const rules = [
  'hostssl tls_only all all scram-sha-256',
  'hostnossl plain_only all all scram-sha-256',
  'host tls_only,plain_only all all reject',
  'hostssl by_certificate all all cert',
  'host by_md5 all all md5',
  'host by_password all all password',
  'local all all scram-sha-256',
  'host all all all scram-sha-256',
];

const databases = ['tls_only', 'plain_only', 'by_certificate', 'by_md5', 'by_password', 'any/way ä'] as const;

export async function startTlsServers(): Promise<TlsServers> {
  const directory = await makeReachableDirectory('exa-monitor-sync-tls-');
  const account = isRoot() ? (await findServerAccounts())[0] : null;
  const certificates = await makeCertificates(directory);
  const data = join(directory, 'data');
  await initialize(data, account);
  for (const [name, content] of Object.entries({
    'server.crt': certificates.cert,
    'server.key': certificates.key,
    'root.crt': certificates.authority,
  })) {
    await writeFile(join(data, name), content, { mode: 0o600 });
    await give(join(data, name), account);
  }
  await writeFile(join(data, 'pg_hba.conf'), `${rules.join('\n')}\n`);
  const [port, readOnlyPort] = [await findFreePort(), await findFreePort()];
  await appendFile(
    join(data, 'postgresql.conf'),
    `listen_addresses = '127.0.0.1'\nunix_socket_directories = '${directory}'\nfsync = off\nssl = on\nssl_ca_file = 'root.crt'\n`,
  );
  const readOnlyData = join(directory, 'read-only-data');
  await cp(data, readOnlyData, { recursive: true, preserveTimestamps: true });
  await giveAll(readOnlyData, account);
  await give(directory, account);
  const servers = [
    await serve(data, ['-p', String(port)], account),
    await serve(
      readOnlyData,
      ['-p', String(readOnlyPort), '-c', 'default_transaction_read_only=on'],
      account,
    ),
  ];
  return {
    directory,
    port,
    readOnlyPort,
    authority: join(directory, 'authority.crt'),
    otherAuthority: join(directory, 'other.crt'),
    clientCertificate: join(directory, 'client.crt'),
    clientKey: join(directory, 'client.key'),
    stop: async () => {
      for (const server of servers) {
        const closed = once(server, 'close');
        server.kill('SIGINT');
        await closed;
      }
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Of one authority: that of the server, for `localhost` alone, and one for the client. */
async function makeCertificates(
  directory: string,
): Promise<{ cert: string; key: string; authority: string }> {
  const isAuthority = [{ name: 'basicConstraints', cA: true, critical: true } as const];
  const authority = await makeCertificate('An authority', { extensions: isAuthority });
  const other = await makeCertificate('Another one', { extensions: isAuthority });
  const ca = { key: authority.private, cert: authority.cert };
  const server = await makeCertificate('localhost', {
    ca,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  const client = await makeCertificate('postgres', {
    ca,
    extensions: [{ name: 'basicConstraints', cA: false }],
  });
  await writeFile(join(directory, 'authority.crt'), authority.cert);
  await writeFile(join(directory, 'other.crt'), other.cert);
  await writeFile(join(directory, 'client.crt'), client.cert);
  await writeFile(join(directory, 'client.key'), client.private, { mode: 0o600 });
  return { cert: server.cert, key: server.private, authority: authority.cert };
}

async function makeCertificate(name: string, options: NonNullable<Parameters<typeof generate>[1]>) {
  return generate([{ name: 'commonName', value: name }], { algorithm: 'sha256', keySize: 2048, ...options });
}

async function initialize(data: string, account: ServerAccount | null): Promise<void> {
  const binaries = await findPostgresBinaries();
  await createSharedLibraryLinks(binaries);
  const passwordFile = `${data}.password`;
  await writeFile(passwordFile, `${password}\n`);
  await give(join(data, '..'), account);
  const options = [
    '-D',
    data,
    '-U',
    'postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ];
  const { exitCode, output } = await runProgram(programPath(binaries, 'initdb'), options, { account });
  if (exitCode !== 0) throw new Error(`initdb: ${output}`);
  const statements = databases.map((name) => `create database "${name}";\n`).join('');
  const single = await runProgram(programPath(binaries, 'postgres'), ['--single', '-D', data, 'postgres'], {
    account,
    stdin: statements,
  });
  if (single.exitCode !== 0) throw new Error(`postgres --single: ${single.output}`);
}

async function serve(
  data: string,
  options: readonly string[],
  account: ServerAccount | null,
): Promise<ChildProcess> {
  const server = spawn(programPath(await findPostgresBinaries(), 'postgres'), ['-D', data, ...options], {
    cwd: '/',
    env: { LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
  });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      if (log.includes('ready to accept connections')) resolve();
    });
    server.once('close', () => reject(new Error(`the server did not start: ${log}`)));
  });
  return server;
}

async function give(path: string, account: ServerAccount | null): Promise<void> {
  if (account !== null) await chown(path, account.uid, account.gid);
}

async function giveAll(directory: string, account: ServerAccount | null): Promise<void> {
  if (account === null) return;
  const { exitCode, output } = await runProgram(
    '/bin/chown',
    ['-R', `${account.uid}:${account.gid}`, directory],
    { account: null },
  );
  if (exitCode !== 0) throw new Error(`chown: ${output}`);
}

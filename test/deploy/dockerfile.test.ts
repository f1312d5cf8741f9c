import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { readText } from './files.ts';

const dockerfile = DockerfileParser.parse(await readText('Dockerfile'));
const instructions = dockerfile.getInstructions();
const lastFrom = instructions.findLastIndex((instruction) => instruction.getKeyword() === 'FROM');
const image = instructions.slice(lastFrom);
const words = z.array(z.string());

/** The arguments of the one such instruction of the last stage. */
function argumentsOf(keyword: string): string {
  const found = image.filter((instruction) => instruction.getKeyword() === keyword);
  if (found.length !== 1) throw new Error(`${found.length} × ${keyword} in the last stage`);
  return found[0]?.getArgumentsContent() ?? '';
}

test('the Dockerfile is valid', async () => {
  expect(validate(await readText('Dockerfile'))).toEqual([]);
});

test('every stage is built from a fixed major version of a small image', () => {
  const images = dockerfile.getFROMs().map((from) => from.getImage());

  expect(new Set(images)).toEqual(new Set(['node:22-bookworm-slim']));
  expect(images.length).toBeGreaterThan(1);
});

test('the image says what it is, as the package does', async () => {
  const { name, license } = JSON.parse(await readText('package.json'));
  const labels = argumentsOf('LABEL');

  expect(labels).toContain(`org.opencontainers.image.title="${name}"`);
  expect(labels).toContain(`org.opencontainers.image.licenses="${license}"`);
  expect(labels).toContain('org.opencontainers.image.description="');
});

test('the image runs as a user that Kubernetes can tell from root', () => {
  expect(argumentsOf('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
});

test('signals reach the program: no shell stands before it', () => {
  expect(words.parse(JSON.parse(argumentsOf('ENTRYPOINT')))).toEqual(['node', 'dist/main.js']);
  expect(words.parse(JSON.parse(argumentsOf('CMD')))).toEqual(['schedule']);
});

test('packages come from the lock file and run no scripts, and stay behind: the program has in it what it needs', async () => {
  const runs = instructions
    .filter((instruction) => instruction.getKeyword() === 'RUN')
    .map((run) => run.getArgumentsContent() ?? '');
  const installs = runs.filter((run) => /\bnpm (ci|i|install|add)\b/.test(run));

  expect(installs).toHaveLength(1);
  expect(installs.filter((run) => !/^npm ci .*--ignore-scripts\b/.test(run))).toEqual([]);
  expect(image.map((instruction) => instruction.getKeyword())).not.toContain('RUN');
  expect(await readText('Dockerfile')).not.toContain('COPY --from=build /app/node_modules');
});

test('what is copied from the project is what .dockerignore lets through', async () => {
  const kept = (await readText('.dockerignore'))
    .split('\n')
    .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  const copied = dockerfile
    .getCOPYs()
    .filter((copy) => !copy.getFlags().some((flag) => flag.getName() === 'from'))
    .flatMap((copy) => copy.getArguments().slice(0, -1))
    .map((argument) => argument.getValue());

  expect(new Set(copied)).toEqual(new Set(kept));
});

/** Runs the script of the health check as the container would. @returns its exit code. */
async function checkHealth(environment: Readonly<Record<string, string>>): Promise<number> {
  const [command, ...rest] = words.parse(JSON.parse(argumentsOf('HEALTHCHECK').replace(/^.*?\bCMD\s/s, '')));
  expect(command).toBe('node');
  const run = promisify(execFile)(process.execPath, rest, { env: environment });
  return run.then(
    () => 0,
    (error: { readonly code?: number }) => error.code ?? -1,
  );
}

test('the health check tells a service that answers from one that does not', async () => {
  let status = 200;
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? String(address.port) : '';

  expect(await checkHealth({ HTTP_PORT: port })).toBe(0);
  status = 500;
  expect(await checkHealth({ HTTP_PORT: port })).toBe(1);
  expect(await checkHealth({ HTTP_PORT: '1' })).toBe(1);
  expect(await checkHealth({ HTTP_PORT: '0' })).toBe(0);
  expect(asked).toEqual(['/healthz', '/healthz']);
});

import { expect, test } from 'vitest';
import { isLivingPostgres, isPostmaster, parsePostmasterFile } from '../../src/embedded/server/postmaster.ts';

test('pid, port and socket are read from postmaster.pid', () => {
  const text = '4711\n/data\n1763800000\n29432\n../socket\n127.0.0.1\n  1234567  12345\nready   \n';

  expect(parsePostmasterFile(text)).toEqual({
    pid: 4711,
    port: 29_432,
    socketDirectory: '../socket',
    ready: true,
  });
});

test('a server without a socket has none, and one that starts is not ready', () => {
  const text = '4711\n/data\n1763800000\n29432\n\n127.0.0.1\n  1234567  12345\nstarting\n';

  expect(parsePostmasterFile(text)).toMatchObject({ socketDirectory: null, ready: false });
});

test('a postmaster.pid that is still being written, or is something else, tells nothing', () => {
  expect(parsePostmasterFile('')).toBeNull();
  expect(parsePostmasterFile('4711\n/data\n')).toBeNull();
  expect(parsePostmasterFile('-4711\n/data\n1\n2\n')).toBeNull();
  expect(parsePostmasterFile('0\n/data\n1\n2\n')).toBeNull();
});

test('a living process that is no server is not taken for one', async () => {
  expect(await isPostmaster(process.pid, '/')).toBe(false);
});

test('a dead server that nobody has collected does not count as living', () => {
  expect(isLivingPostgres('4711 (postgres) S 1 4711 4711 0')).toBe(true);
  expect(isLivingPostgres('4711 (postgres) Z 1 4711 4711 0')).toBe(false);
  expect(isLivingPostgres('4711 (node) S 1 4711 4711 0')).toBe(false);
});

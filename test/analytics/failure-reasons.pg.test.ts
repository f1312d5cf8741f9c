import type { Sql } from 'postgres';
import { beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../postgres/database.ts';

let sql: Sql;

beforeAll(async () => {
  ({ sql } = await createTestDatabase());
});

async function patternOf(reason: string | null): Promise<string> {
  const [row] = await sql<{ pattern: string }[]>`select failure_reason_pattern(${reason}) as pattern`;
  return row?.pattern ?? '';
}

/** What stands in one place of a reason and differs from failure to failure. */
const values: Readonly<Record<string, readonly string[]>> = {
  'a number': ['0', '7', '603', '9999999', '10000000', '1234567890123'],
  'a number with separators': ['1,000', '12,345,678', '1.5', '99.95', '0.000001'],
  'a number with its unit': ['5ms', '30000ms', '100000ms', '1.5ms'],
  'a number after a word': ['shard-1', 'shard-12', 'shard-1024'],
  'a number after an underscore': ['item_9', 'item_1234567'],
  'a UUID': ['550e8400-e29b-41d4-a716-446655440000', 'C73BCDCC-2669-4BF6-81D3-E4AE73FB11FD'],
  'a short hexadecimal id': ['12345678', 'a1b2c3d4', 'deadbeef', 'abcdef12', '1234567d', '00c0ffee'],
  'an id of Exa': ['webset_01j9zq3v6kc8', 'webset_cmb7x1q2r0001', 'webset_9f8e7d6c5b4a39281706f5e4'],
  'an address': ['10.0.0.1', '192.168.100.200', '10.0.0.1:5432', '127.0.0.1:65535'],
  'an instant': ['2026-03-29T01:30:00.000Z', '2026-11-25T23:59:59.999Z'],
  'an instant with a blank': ['2026-03-29 01:30:00+00:00', '2026-11-25 23:59:59+02:00'],
  'a URL': ['https://a.example/x?q=1&r=%20#top', 'http://user@b.example:8080/very/long/path'],
  'a quoted text': ['"acme"', '"companies, 2026 \' https://x.example"', '""'],
  'a text in single quotes': ["'acme'", "'it 7'"],
  'white space': ['a b', 'a  b', 'a\n\tb', 'a\r\nb'],
};

it.each(Object.entries(values))('reasons that differ only in %s are one', async (_what, texts) => {
  const patterns = await Promise.all(
    texts.map((text) => patternOf(`Failed (${text}) after ${text}, stopped`)),
  );
  expect(new Set(patterns).size).toBe(1);
});

it('reasons that differ in words are several', async () => {
  const reasons = ['S3 is down', 'EC2 is down', 'OAuth2 token expired', 'Rate limited', 'rate limited'];
  expect(new Set(await Promise.all(reasons.map(patternOf))).size).toBe(reasons.length);
});

it.each([
  ['https://a.example/x?q=1: 404, see (http://b.example).', '<url>: 404, see (<url>).'],
  ['S3 answered 503 after 30000ms', 'S<n> answered 503 after <n>ms'],
  ['HTTP 429 Too Many Requests', 'HTTP 429 Too Many Requests'],
  ['status=500', 'status=500'],
  ['error:502', 'error:502'],
  ['Model gpt-5-mini is overloaded (503)', 'Model gpt-5-mini is overloaded (503)'],
  ['claude-3-5-sonnet and gpt-4o-mini', 'claude-3-5-sonnet and gpt-4o-mini'],
  ['Only 250 of 500 results after 300 attempts', 'Only <n> of <n> results after <n> attempts'],
  ['Took 500 ms, 120 seconds, 150s and 100%', 'Took <n> ms, <n> seconds, <n>s and <n>%'],
  ['Read 404.5, 1.404, 12:404 and 600', 'Read <n>, <n>, <n> and <n>'],
  ['Run run_404_abc of E503 in shard-404', 'Run <n> of E<n> in shard-<n>'],
])('%s is told apart as %s', async (reason, pattern) => {
  expect(await patternOf(reason)).toBe(pattern);
});

it('reasons of any length are one when they begin alike, wherever their numbers end', async () => {
  const trace = 'at step (in worker) of search '.repeat(40_000);
  const patterns = await Promise.all(['5', '123456789'].map((id) => patternOf(`Crash ${id}: ${trace}`)));
  expect(patterns[0]).toMatch(/^Crash <n>: at step .{400,}$/);
  expect(patterns[0]).toBe(patterns[1]);
});

it('what is no text is named', async () => {
  expect(await Promise.all([null, '', ' \n\t'].map(patternOf))).toEqual(['(none)', '(none)', '(none)']);
});

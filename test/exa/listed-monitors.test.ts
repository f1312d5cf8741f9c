import { createHash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { AnswerBody } from '../../src/exa/answer-body.ts';
import { readListedMonitors } from '../../src/exa/listed-monitors.ts';
import { MalformedAnswerError } from '../../src/exa/operation.ts';
import { apiMonitor } from './exa-objects.ts';

function bodyOf(value: unknown): AnswerBody {
  return new AnswerBody(Buffer.from(JSON.stringify(value)));
}

function digestOf({ bytes }: AnswerBody): string {
  return createHash('sha256').update(bytes).digest('base64');
}

const page = { data: [apiMonitor(), { id: 'odd' }], hasMore: true, nextCursor: 'c' };

test('a page is told by a digest of its bytes, and its size counts them', () => {
  const body = bodyOf({ ...page, data: [apiMonitor({ metadata: { team: 'Köln' } })] });
  const { digest, size } = readListedMonitors(body, undefined);
  expect(digest).toBe(digestOf(body));
  expect(size).toBe(body.bytes.byteLength);
});

test('the known page is parsed only when its records are looked at, and goes on where it did', () => {
  const body = bodyOf(page);
  const parse = vi.spyOn(body, 'json');
  const known = readListedMonitors(body, { digest: digestOf(body), nextCursor: 'c' });
  expect(known).toMatchObject({ hasMore: true, nextCursor: 'c' });
  expect(parse).not.toHaveBeenCalled();

  expect(known.monitors).toEqual(readListedMonitors(bodyOf(page), undefined).monitors);
  expect(known.unreadable).toEqual([{ id: 'odd', reason: expect.stringContaining('createdAt') as unknown }]);
  expect(parse).toHaveBeenCalledOnce();
});

test('the last of the known pages is the last again', () => {
  const body = bodyOf({ ...page, hasMore: false, nextCursor: null });
  const known = readListedMonitors(body, { digest: digestOf(body), nextCursor: null });
  expect(known).toMatchObject({ hasMore: false, nextCursor: null });
});

test('another page is read as ever, whatever was expected', () => {
  const body = bodyOf(page);
  const other = readListedMonitors(body, { digest: 'of another page', nextCursor: 'elsewhere' });
  expect(other).toMatchObject({ hasMore: true, nextCursor: 'c' });
  expect(() => readListedMonitors(bodyOf({ data: 1 }), { digest: 'd', nextCursor: null })).toThrow(
    MalformedAnswerError,
  );
});

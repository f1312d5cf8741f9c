import { expect, it } from 'vitest';
import { judgeTransport } from '../../src/cli/commands/doctor/check-encryption.ts';

const transport = { place: 'db.example:5432', local: false, encrypted: true, tlsMode: 'prefer' } as const;

it('plain text to another machine is a warning that says what to do, on this machine it is not', () => {
  const plain = { ...transport, encrypted: false };
  expect(judgeTransport(plain)).toMatchObject({
    state: 'warning',
    advice: expect.stringContaining('sslmode=require'),
  });
  expect(judgeTransport({ ...plain, local: true })).toMatchObject({ state: 'ok' });
});

it('an encrypted connection is ok, and what has been checked is said', () => {
  expect(judgeTransport(transport).detail).toContain('sslmode=verify-full would also check');
  expect(judgeTransport({ ...transport, tlsMode: 'verify-full' }).detail).toContain(
    'the right one for this name',
  );
});

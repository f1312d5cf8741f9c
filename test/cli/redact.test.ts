import { expect, it } from 'vitest';
import { createRedact, findSecrets } from '../../src/app/redact.ts';

const url = 'postgres://exa:p%40ss%2Fword@host/db';

it('takes out the key and the password in every form in which they can turn up', () => {
  const redact = createRedact(findSecrets([{ EXA_API_KEY: 'key/+1 "x"', DATABASE_URL: url }]));
  const leaks = [
    'key/+1 "x"',
    'key%2F%2B1%20%22x%22',
    String.raw`key/+1 \"x\"`,
    'p@ss/word',
    'p%40ss%2Fword',
    url,
  ];
  for (const leak of leaks) expect(redact(`before ${leak} after`)).toBe('before *** after');
});

it('knows the secrets of .env and of the driver as well, and those of a URL that is wrong', () => {
  const sources = [{ PGPASSWORD: 'from-driver' }, { DATABASE_URL: 'postgres://exa:half#encoded@host/db' }];
  const redact = createRedact(findSecrets(sources));
  expect(redact('from-driver half#encoded')).toBe('*** ***');
});

it('leaves a text alone when nothing is secret, and one-letter passwords in ordinary words', () => {
  const redact = createRedact(findSecrets([{ EXA_API_KEY: '', DATABASE_URL: 'postgres://exa:a@host/db' }]));
  expect(redact('a plain text')).toBe('a plain text');
});

it.each(['postgres', 'postgresql', 'role', 'place', 'data'])(
  'takes the password %s, a name of the URL, out only where it stands as one',
  (name) => {
    const written = { DATABASE_URL: `postgres://role:${name}@place/data` };
    const redact = createRedact(findSecrets([written]));
    expect(redact(`a ${name} as such`)).toBe(`a ${name} as such`);
    expect(redact(`${written.DATABASE_URL} and //role:${name}@other`)).toBe('*** and //role***other');
  },
);

it('takes the password of the driver, a name of the URL, out of no message', () => {
  const written = { DATABASE_URL: 'postgres://warehouse:warehouse@host/db', PGPASSWORD: 'postgres' };
  const redact = createRedact(findSecrets([written]));
  expect(redact('Applied 0000_warehouse_tables to postgres://exa@host/db')).toBe(
    'Applied 0000_warehouse_tables to postgres://exa@host/db',
  );
});

import { expect, it } from 'vitest';
import { settingNames, settings } from '../../src/config/settings.ts';
import { findStrangeNames } from '../../src/config/strange-names.ts';

it.each([
  ['DATABSE_URL', 'DATABASE_URL'],
  ['DATABASE_ULR', 'DATABASE_URL'],
  ['EXA_APIKEY', 'EXA_API_KEY'],
  ['HTTPPORT', 'HTTP_PORT'],
  ['LOGLEVEL', 'LOG_LEVEL'],
])('names %s with the setting that is probably meant, %s', (name, meant) => {
  expect(findStrangeNames([name])).toEqual([`${name} is no setting: ${meant} is probably meant`]);
});

it('names what has a prefix of ours, however far it is from any setting', () => {
  expect(findStrangeNames(['SYNC_EVERY_MONITOR_TWICE'])).toEqual([
    expect.stringMatching(/^SYNC_EVERY_MONITOR_TWICE is no setting: the nearest one is SYNC_/),
  ]);
});

it('says nothing of settings and of what other programs read', () => {
  const others = [
    'PATH',
    'HOME',
    'LOGNAME',
    'PGPASSWORD',
    'PGHOST',
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NODE_OPTIONS',
    'TZ',
  ];
  expect(findStrangeNames([...settingNames.map((name) => settings[name].variable), ...others])).toEqual([]);
});

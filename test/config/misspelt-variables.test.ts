import { describe, expect, it } from '@jest/globals';
import { findMisspeltVariables, loadConfig } from '../../src/config/index.ts';
import { issuesOf } from './refusal.ts';

describe('a variable that looks like one of ours', () => {
  it.each([
    ['REDIS_ULR', 'REDIS_URL'],
    ['REDIS_URI', 'REDIS_URL'],
    ['ISUER', 'ISSUER'],
    ['COOKIE_KEY', 'COOKIE_KEYS'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['STORE_SECERT', 'STORE_SECRET'],
    ['PROT', 'PORT'],
    ['port', 'PORT'],
  ])('is named: %s', (written, meant) => {
    expect(findMisspeltVariables({ [written]: 'secret' })).toEqual([
      { where: written, sentence: `is not a known variable; did you mean ${meant}?` },
    ]);
  });

  it.each(['POST', 'HOSTS', 'HOSTNAME', 'HOME', 'TERM', 'DATABASE_URL', 'REDIS_PORT', 'REDIS_HOST', 'NODE_OPTIONS'])(
    'is not taken for one when it is a name of somebody else: %s',
    (name) => {
      expect(findMisspeltVariables({ [name]: 'anything' })).toEqual([]);
    },
  );

  it.each(['HTTP_PROXY', 'http_proxy', 'https_proxy', 'FTP_PROXY', 'ALL_PROXY', 'no_proxy'])(
    'is not taken for one when it is of every machine behind a proxy: %s (R121)',
    (name) => {
      expect(findMisspeltVariables({ [name]: 'http://proxy:3128' })).toEqual([]);
    },
  );

  it('is nothing to name when it is empty, or when the right one is set as well', () => {
    expect(findMisspeltVariables({ REDIS_ULR: '', REDIS_URI: 'a', REDIS_URL: 'b' })).toEqual([]);
  });

  it('stops a start in production, and no other', () => {
    expect(loadConfig({ REDIS_ULR: 'redis://localhost' }).store.kind).toBe('sqlite');
    expect(issuesOf({ NODE_ENV: 'production', REDIS_ULR: 'redis://localhost' })).toContainEqual({
      where: 'REDIS_ULR',
      sentence: 'is not a known variable; did you mean REDIS_URL?',
    });
  });
});

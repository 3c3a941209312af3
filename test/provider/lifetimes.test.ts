import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/index.ts';
import { createLifetimes, refreshTokenTtl } from '../../src/provider/lifetimes.ts';
import { days } from '../support/clock.ts';

const shipped = loadConfig({}).policy.lifetimes;

describe('the lifetimes', () => {
  it('are what the product promises', () =>
    expect(createLifetimes(shipped)).toMatchObject({ AccessToken: 3600, AuthorizationCode: 600, IdToken: 3600 }));

  it('of a grant last until its first refresh token extends it', () => {
    const { Grant, AuthorizationCode, AccessToken } = createLifetimes(shipped);

    expect(Grant).toBeGreaterThanOrEqual(AuthorizationCode + AccessToken);
  });

  it.each([
    ['thirty days from each issue', undefined, days(400), days(30)],
    ['thirty days while the cap is far', days(90), days(10), days(30)],
    ['what is left until the cap', days(90), days(80), days(10)],
    ['a second when the cap is over, never nothing, which would be for ever', days(90), days(91), 1],
  ])('of a refresh token are %s', (_name, connection, ageSeconds, ttl) => {
    const now = Date.parse('2026-08-01T12:00:00Z') / 1000;
    expect(refreshTokenTtl({ ...shipped, connection }, { iiat: now - ageSeconds }, now)).toBe(ttl);
  });
});

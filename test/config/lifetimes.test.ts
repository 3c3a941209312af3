import { describe, expect, it } from '@jest/globals';
import { fileIssuesOf, loadWith, policyFile } from './refusal.ts';

const whole = 'must be a whole number of seconds, 1 or more';

describe('a lifetime', () => {
  it.each([
    ['a grace of nothing', { refreshGrace: 0 }],
    ['a cap that is one refresh token long', { connection: 2_592_000 }],
    ['short ones in the right order', { refreshGrace: 1, accessToken: 2, refreshToken: 3, connection: 3 }],
  ])('may be %s', (_name, lifetimes) => {
    expect(loadWith({}, policyFile({ lifetimes })).policy.lifetimes).toMatchObject(lifetimes);
  });

  it.each([
    ['a text', { accessToken: '3600' }, `accessToken: ${whole}`],
    ['zero', { accessToken: 0 }, `accessToken: ${whole}`],
    ['negative', { session: -1 }, `session: ${whole}`],
    ['a fraction', { interaction: 0.5 }, `interaction: ${whole}`],
    ['null', { connection: null }, `connection: ${whole}`],
    ['beyond counting', { refreshGrace: 1e300 }, 'refreshGrace: must be a whole number of seconds, 0 or more'],
    [
      'a code of more than ten minutes',
      { authorizationCode: 601 },
      'authorizationCode: must be 600 seconds or less (RFC 6749 §4.1.2)',
    ],
    [
      'a grace of more than an hour',
      { refreshGrace: 3601, accessToken: 7200 },
      'refreshGrace: must be 3600 seconds or less',
    ],
    [
      'a grace as long as the access token',
      { refreshGrace: 3600 },
      'refreshGrace: must be less than accessToken (3600)',
    ],
    [
      'an access token as long as the refresh token',
      { refreshToken: 3600 },
      'accessToken: must be less than refreshToken (3600)',
    ],
    [
      'a connection that ends before its refresh token',
      { connection: 2_591_999 },
      'connection: must be refreshToken (2592000) or more',
    ],
    [
      'a registration that is gone before its first sign-in can be finished',
      { registrationUnused: 3599 },
      'registrationUnused: must be interaction (3600) or more',
    ],
  ])('is not %s', (_name, lifetimes, issue) => {
    expect(fileIssuesOf({ lifetimes })).toEqual([`lifetimes.${issue}`]);
  });

  it('of a sign-in failure is counted in whole seconds, and failures in whole numbers', () => {
    expect(fileIssuesOf({ signIn: { failuresPerAccount: 0, failuresPerAddress: 1.5, windowSeconds: '900' } })).toEqual([
      'signIn.failuresPerAccount: must be a whole number, 1 or more',
      'signIn.failuresPerAddress: must be a whole number, 1 or more',
      'signIn.windowSeconds: must be a whole number, 1 or more',
    ]);
  });
});

import {
  createKeySet,
  createRevocationList,
  createTokenCache,
  type KeySet,
  verifyAccessToken,
} from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';
import { createTestClock } from '../support/clock.ts';
import { fresh, shared } from '../support/shared.ts';
import { createIssuer, RESOURCE } from './issuer.ts';

const { clock, pass } = createTestClock();
const issuer = shared(() => createIssuer(clock));
/** A cache, and how many signatures were verified beside it. */
const here = fresh(() => ({
  cache: createTokenCache(2),
  find: createKeySet({ issuer: issuer.url }),
  verifications: 0,
}));

const keys: KeySet = (header, token) => {
  here.verifications += 1;
  return here.find(header, token);
};
const verify = (token: string, more: object = {}) => {
  const { cache } = here;
  return verifyAccessToken(token, { issuer: issuer.url, resource: RESOURCE, keys, cache, now: clock.now, ...more });
};

describe('a cache of verified tokens', () => {
  it('saves the second verification, and says the same', async () => {
    const token = await issuer.sign();
    const first = await verify(token);
    expect(await verify(token)).toEqual(first);
    expect(here.verifications).toBe(1);
  });

  it('hands out an identity of its own each time, so that one request cannot change that of another', async () => {
    const token = await issuer.sign();
    (await verify(token)).scopes.push('*:*');
    expect((await verify(token)).scopes).toEqual(['organization:read', 'project:read']);
  });

  it('does not outlive the token', async () => {
    const token = await issuer.sign();
    await verify(token);
    pass(3604);
    expect(await verify(token)).toMatchObject({ accountId: 'account-ada' });
    pass(1);
    await expect(verify(token)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
  });

  it('keeps the latest only', async () => {
    const tokens = await Promise.all(['1', '2', '3'].map((jti) => issuer.sign({ jti })));
    const [first = '', second = '', third = ''] = tokens;
    for (const token of [first, second, first, third]) await verify(token);
    expect(here.verifications).toBe(3);
    await verify(first);
    expect(here.verifications).toBe(3);
    await verify(second);
    expect(here.verifications).toBe(4);
  });

  it('keeps nothing of a token that did not verify', async () => {
    const token = `${(await issuer.sign()).slice(0, -8)}AAAAAAAA`;
    for (let round = 0; round < 2; round++) {
      await expect(verify(token)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
    }
    expect(here.verifications).toBe(2);
  });

  it('does not take a token for one of another issuer, resource or algorithm', async () => {
    const token = await issuer.sign();
    await verify(token);
    const other = 'https://other.example';
    for (const more of [{ issuer: other }, { resource: other }, { algorithms: ['RS256'] }])
      await expect(verify(token, more)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  });

  it('is cleared by a revocation', async () => {
    const token = await issuer.sign();
    const revocations = createRevocationList();
    revocations.markCurrent();
    await verify(token, { revocations });
    const at = clock.seconds();
    revocations.accept([{ kind: 'connection', id: 'connection-1', at, until: at + 3600 }]);
    await expect(verify(token, { revocations })).rejects.toMatchObject({ code: 'TOKEN_REVOKED' });
    await verify(token);
    expect(here.verifications).toBe(2);
  });
});

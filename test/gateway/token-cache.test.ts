import {
  createKeySet,
  createRevocationList,
  createTokenCache,
  type KeySet,
  type TokenCache,
  verifyAccessToken,
} from '@bkend/mcp-gateway';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestClock } from '../support/clock.ts';
import { createIssuer, type Issuer, RESOURCE } from './issuer.ts';

const { clock, pass } = createTestClock();
let issuer: Issuer;
let keys: KeySet;
let verifications: number;
let cache: TokenCache;

beforeAll(async () => {
  issuer = await createIssuer(clock);
});
beforeEach(() => {
  const found = createKeySet({ issuer: issuer.url });
  verifications = 0;
  keys = (header, token) => {
    verifications += 1;
    return found(header, token);
  };
  cache = createTokenCache(2);
});
afterAll(() => issuer[Symbol.asyncDispose]());

const verify = (token: string, more: object = {}) =>
  verifyAccessToken(token, { issuer: issuer.url, resource: RESOURCE, keys, cache, now: clock.now, ...more });

describe('a cache of verified tokens', () => {
  it('saves the second verification, and says the same', async () => {
    const token = await issuer.sign();
    const first = await verify(token);
    expect(await verify(token)).toEqual(first);
    expect(verifications).toBe(1);
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
    expect(verifications).toBe(3);
    await verify(first);
    expect(verifications).toBe(3);
    await verify(second);
    expect(verifications).toBe(4);
  });

  it('keeps nothing of a token that did not verify', async () => {
    const token = `${(await issuer.sign()).slice(0, -8)}AAAAAAAA`;
    for (let round = 0; round < 2; round++) {
      await expect(verify(token)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
    }
    expect(verifications).toBe(2);
  });

  it('does not take a token for one of another issuer, resource or algorithm', async () => {
    const token = await issuer.sign();
    await verify(token);
    const foreign = [
      { issuer: 'https://other.example' },
      { resource: 'https://other.example' },
      { algorithms: ['RS256'] },
    ];
    for (const more of foreign) await expect(verify(token, more)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
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
    expect(verifications).toBe(2);
  });
});

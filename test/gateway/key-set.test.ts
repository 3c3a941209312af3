import { createKeySet, type KeySet, verifyAccessToken } from '@bkend/mcp-gateway';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createTestClock } from '../support/clock.ts';
import { createIssuer, type Issuer, RESOURCE } from './issuer.ts';

const METADATA = '/.well-known/oauth-authorization-server/mcp';
const JWKS = '/mcp/oauth/jwks';

const { clock, pass } = createTestClock();
let issuer: Issuer;
let keys: KeySet;

beforeEach(async () => {
  // jose 6.2 keeps the keys, and counts their age and its pause by no clock that it could be handed.
  jest.spyOn(Date, 'now').mockImplementation(clock.now);
  issuer = await createIssuer(clock);
  keys = createKeySet({ issuer: issuer.url });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await issuer[Symbol.asyncDispose]();
});

const verify = (token: string, from = keys) =>
  verifyAccessToken(token, { issuer: issuer.url, resource: RESOURCE, keys: from, now: clock.now });
const accepted = expect.objectContaining({ accountId: 'account-ada' });
const unavailable = expect.objectContaining({ code: 'ISSUER_UNAVAILABLE' });
const invalid = expect.objectContaining({ code: 'TOKEN_INVALID' });

describe('the keys of an issuer', () => {
  it('are where its metadata says, at the path-inserted address (RFC 8414 §3.1)', async () => {
    expect(await verify(await issuer.sign())).toEqual(accepted);
    expect(issuer.asked).toEqual([METADATA, JWKS]);
  });

  it('are fetched once for many requests, even at the same moment', async () => {
    const token = await issuer.sign();
    await Promise.all(Array.from({ length: 50 }, () => verify(token)));
    await verify(token);
    expect(issuer.asked).toEqual([METADATA, JWKS]);
  });

  it('are fetched from a configured address without asking for metadata', async () => {
    const configured = createKeySet({ issuer: issuer.url, jwksUri: issuer.jwksUri });
    expect(await verify(await issuer.sign(), configured)).toEqual(accepted);
    expect(issuer.asked).toEqual([JWKS]);
  });

  it('are fetched with the given fetch', async () => {
    const urls: string[] = [];
    const given = createKeySet({
      issuer: issuer.url,
      fetch: (url, init) => {
        urls.push(url);
        return fetch(url, init);
      },
    });
    await verify(await issuer.sign(), given);
    expect(urls).toEqual([issuer.url.replace('/mcp', METADATA), issuer.jwksUri]);
  });

  it('are not taken from metadata that names another issuer (RFC 8414 §3.3)', async () => {
    issuer.metadata = { ...issuer.metadata, issuer: `${issuer.url}/` };
    const error = await verify(await issuer.sign()).catch((reason: Error) => reason);
    expect(error).toEqual(unavailable);
    expect(String(error)).toContain(`calls its issuer "${issuer.url}/"`);
    expect(issuer.asked).toEqual([METADATA]);
  });

  it('are not taken from metadata without an address', async () => {
    issuer.metadata = { issuer: issuer.url };
    await expect(verify(await issuer.sign())).rejects.toEqual(unavailable);
  });
});

describe('a key that is rotated', () => {
  it('is learned with the first token that names it, without a restart', async () => {
    await verify(await issuer.sign());
    await issuer.rotate();
    pass(6);
    expect(await verify(await issuer.sign())).toEqual(accepted);
  });

  it('no longer opens anything once the keys were fetched again', async () => {
    const old = await issuer.sign();
    await verify(old);
    await issuer.rotate();
    pass(6);
    await verify(await issuer.sign());
    await expect(verify(old)).rejects.toEqual(invalid);
  });

  it('is not flooded: made-up names fetch once in five seconds', async () => {
    await verify(await issuer.sign());
    const madeUp = await Promise.all(['x', 'y', 'z'].map((kid) => issuer.sign({}, { kid })));
    for (const token of madeUp) await expect(verify(token)).rejects.toEqual(invalid);
    expect(issuer.asked).toEqual([METADATA, JWKS]);
    pass(6);
    for (const token of madeUp) await expect(verify(token)).rejects.toEqual(invalid);
    expect(issuer.asked).toEqual([METADATA, JWKS, JWKS]);
  });
});

describe('an issuer in trouble', () => {
  it('is no reason to call a token invalid', async () => {
    issuer.trouble = 503;
    await expect(verify(await issuer.sign())).rejects.toEqual(unavailable);
  });

  it('is asked again after five seconds, not with every request', async () => {
    const token = await issuer.sign();
    issuer.trouble = 503;
    await expect(verify(token)).rejects.toEqual(unavailable);
    await expect(verify(token)).rejects.toEqual(unavailable);
    expect(issuer.asked).toEqual([METADATA]);
    issuer.trouble = undefined;
    pass(6);
    expect(await verify(token)).toEqual(accepted);
  });

  it('does not stop a gateway that knows its keys', async () => {
    await verify(await issuer.sign());
    issuer.trouble = 503;
    pass(1800);
    expect(await verify(await issuer.sign())).toEqual(accepted);
    expect(await verify(await issuer.sign())).toEqual(accepted);
  });

  it('stops it after an hour, when no token of before can be alive', async () => {
    await verify(await issuer.sign());
    issuer.trouble = 503;
    pass(3601);
    await expect(verify(await issuer.sign())).rejects.toEqual(unavailable);
  });

  it('leaves it open whether an unknown key is good', async () => {
    await verify(await issuer.sign());
    await issuer.rotate();
    issuer.trouble = 503;
    pass(6);
    await expect(verify(await issuer.sign())).rejects.toEqual(unavailable);
  });
});

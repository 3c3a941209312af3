import { createKeySet, type KeySet, verifyAccessToken } from '@bkend/mcp-gateway';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createTestClock } from '../support/clock.ts';
import { fresh } from '../support/shared.ts';
import { createIssuer, RESOURCE } from './issuer.ts';

const PLACE = '/.well-known/oauth-authorization-server/mcp';
const JWKS = '/mcp/oauth/jwks';

const { clock, pass } = createTestClock();
// jose 6.2 keeps the keys, and counts their age and its pause by no clock that it could be handed.
beforeEach(() => void jest.spyOn(Date, 'now').mockImplementation(clock.now));
afterEach(() => void jest.restoreAllMocks());

const issuer = fresh(() => createIssuer(clock));
const own = fresh(() => ({ keys: createKeySet({ issuer: issuer.url }) }));

const verify = (token: string, keys: KeySet = own.keys) =>
  verifyAccessToken(token, { issuer: issuer.url, resource: RESOURCE, keys, now: clock.now });
/** One that is signed at this moment. */
const accepts = async (token?: string, keys?: KeySet) =>
  expect(await verify(token ?? (await issuer.sign()), keys)).toMatchObject({ accountId: 'account-ada' });
const refuses = async (code: string, token?: string) =>
  expect(verify(token ?? (await issuer.sign()))).rejects.toMatchObject({ code });
const unavailable = 'ISSUER_UNAVAILABLE';

describe('the keys of an issuer', () => {
  it('are where its metadata says, at the path-inserted address (RFC 8414 §3.1)', async () => {
    await accepts();
    expect(issuer.asked).toEqual([PLACE, JWKS]);
  });

  it('are fetched once for many requests, even at the same moment', async () => {
    const token = await issuer.sign();
    await Promise.all(Array.from({ length: 50 }, () => verify(token)));
    await verify(token);
    expect(issuer.asked).toEqual([PLACE, JWKS]);
  });

  it('are fetched from a configured address without asking for metadata', async () => {
    await accepts(await issuer.sign(), createKeySet({ issuer: issuer.url, jwksUri: issuer.jwksUri }));
    expect(issuer.asked).toEqual([JWKS]);
  });

  it('are fetched with the given fetch', async () => {
    const given = jest.fn((url: string, init: RequestInit) => fetch(url, init));
    await verify(await issuer.sign(), createKeySet({ issuer: issuer.url, fetch: given }));
    expect(given.mock.calls.map(([url]) => url)).toEqual([issuer.url.replace('/mcp', PLACE), issuer.jwksUri]);
  });

  it('are not taken from metadata that names another issuer (RFC 8414 §3.3)', async () => {
    issuer.metadata = { ...issuer.metadata, issuer: `${issuer.url}/` };
    const message = expect.stringContaining(`calls its issuer "${issuer.url}/"`);
    await expect(verify(await issuer.sign())).rejects.toMatchObject({ code: unavailable, message });
    expect(issuer.asked).toEqual([PLACE]);
  });

  it('are not taken from metadata without an address', async () => {
    issuer.metadata = { issuer: issuer.url };
    await refuses(unavailable);
  });
});

describe('a key that is rotated', () => {
  const rotated = async () => {
    await accepts();
    await issuer.rotate();
    pass(6);
  };

  it('is learned with the first token that names it, without a restart', async () => {
    await rotated();
    await accepts();
  });

  it('no longer opens anything once the keys were fetched again', async () => {
    const old = await issuer.sign();
    await rotated();
    await accepts();
    await refuses('TOKEN_INVALID', old);
  });

  it('is not flooded: made-up names fetch once in five seconds', async () => {
    await accepts();
    const madeUp = await Promise.all(['x', 'y', 'z'].map((kid) => issuer.sign({}, { kid })));
    for (const token of madeUp) await refuses('TOKEN_INVALID', token);
    expect(issuer.asked).toEqual([PLACE, JWKS]);
    pass(6);
    for (const token of madeUp) await refuses('TOKEN_INVALID', token);
    expect(issuer.asked).toEqual([PLACE, JWKS, JWKS]);
  });
});

describe('an issuer in trouble', () => {
  it('is no reason to call a token invalid', async () => {
    issuer.trouble = 503;
    await refuses(unavailable);
  });

  it('is asked again after five seconds, not with every request', async () => {
    issuer.trouble = 503;
    await refuses(unavailable);
    await refuses(unavailable);
    expect(issuer.asked).toEqual([PLACE]);
    issuer.trouble = undefined;
    pass(6);
    await accepts();
  });

  it('does not stop a gateway that knows its keys', async () => {
    await accepts();
    issuer.trouble = 503;
    pass(1800);
    await accepts();
    await accepts();
  });

  it('stops it after an hour, when no token of before can be alive', async () => {
    await accepts();
    issuer.trouble = 503;
    pass(3601);
    await refuses(unavailable);
  });

  it('leaves it open whether an unknown key is good', async () => {
    await accepts();
    await issuer.rotate();
    issuer.trouble = 503;
    pass(6);
    await refuses(unavailable);
  });
});

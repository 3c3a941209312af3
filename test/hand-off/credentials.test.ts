import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { eventually } from '../support/eventually.ts';
import { listening } from '../support/listening.ts';
import { shared } from '../support/shared.ts';
import { now, theHandOff } from './hand-off.ts';

/** As which client a console may call: `client_secret_basic`, `private_key_jwt`, and two at once while one replaces the other. */
async function aKey(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256' } };
}
const key = shared(() => aKey('one'));
const kept = shared(
  () => ({ store: createSqliteStore(':memory:') }),
  ({ store }) => store.close(),
);
/** What a console publishes at its `jwks_uri`. */
let publishedKeys: object[] = [];
const published = shared(() =>
  listening((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: publishedKeys }));
  }),
);
const here = shared(() => {
  const [byKey, redirect_uris] = [{ token_endpoint_auth_method: 'private_key_jwt' }, []];
  return theHandOff({
    parts: { store: kept.store },
    directory: { client: ['example-console', 'console-by-key', 'console-by-uri'] },
    clients: [
      { client_id: 'example-console', client_secret: 'a secret that only this example may know', redirect_uris },
      { client_id: 'console-by-key', ...byKey, jwks: { keys: [key.jwk] }, redirect_uris },
      { client_id: 'console-by-uri', ...byKey, jwks_uri: `${published.origin}/jwks`, redirect_uris },
      { client_id: 'editor', client_secret: 'a secret of the editor', redirect_uris },
    ],
  });
});

interface Claims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string;
  readonly jti?: string | undefined;
  readonly lifetime?: number;
}

async function assertion({ lifetime = 60, ...more }: Claims = {}, { privateKey, jwk } = key) {
  const iss = more.iss ?? 'console-by-key';
  const claims = { sub: iss, aud: here.issuer, jti: randomUUID(), iat: now(), exp: now() + lifetime, ...more, iss };
  return new SignJWT(claims as Record<string, unknown>)
    .setProtectedHeader({ alg: 'ES256', kid: jwk.kid })
    .sign(privateKey);
}

async function tell(authorization: string) {
  const event = { id: randomUUID(), type: 'account.signed_out', account: 'u_9', at: 1 };
  return (await here.call('events', [event], { authorization })).status;
}
const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

describe('a console', () => {
  it('calls with its secret, or with its key, as both are configured', async () => {
    expect(await tell(basic('example-console', 'a+secret+that+only+this+example+may+know'))).toBe(200);
    expect(await tell(`Bearer ${await assertion()}`)).toBe(200);
  });

  it('uses an assertion once, also when it is used many times at once', async () => {
    const same = `Bearer ${await assertion()}`;
    const uses = await Promise.all(Array.from({ length: 20 }, () => tell(same)));
    expect(uses.filter((status) => status === 200)).toHaveLength(1);
  });

  it.each<[string, () => Promise<string>]>([
    ['an assertion for another server', () => assertion({ aud: 'https://other.example' })],
    ['an assertion that has expired', () => assertion({ lifetime: -60 })],
    ['an assertion that is good for a day', () => assertion({ lifetime: 86_400 })],
    ['an assertion without a jti', () => assertion({ jti: undefined })],
    ['an assertion about another client', () => assertion({ sub: 'editor' })],
    ['an assertion of another client', () => assertion({ iss: 'editor' })],
    ['an assertion by another key', async () => assertion({}, await aKey('one'))],
  ])('is not %s', async (_name, make) => {
    expect(await tell(`Bearer ${await make()}`)).toBe(401);
  });

  it('publishes its keys, and may take another one in use; the one of before works until it is published no more', async () => {
    const make = async (kid: string) => {
      const made = await aKey(kid);
      const call = async () => tell(`Bearer ${await assertion({ iss: 'console-by-uri' }, made)}`);
      return { jwk: made.jwk, call };
    };
    const [first, second] = [await make('first'), await make('second')];
    publishedKeys = [first.jwk];
    expect([await first.call(), await second.call()]).toEqual([200, 401]);
    publishedKeys = [first.jwk, second.jwk];
    // They are not read again with every assertion that somebody makes up.
    await eventually(async () => (await second.call()) === 200);
    expect(await first.call()).toBe(200);
    publishedKeys = [second.jwk];
    const third = await make('third');
    await eventually(async () => (await third.call()) === 401 && (await first.call()) === 401);
    expect(await second.call()).toBe(200);
  });

  it('that calls too often must wait, and keeps nobody waiting who calls as another client', async () => {
    const { store } = kept;
    const count = store.count.bind(store);
    store.count = async (name, seconds) => {
      const counted = await count(name, seconds);
      return name.includes('example-console') ? { ...counted, count: counted.count + 6000 } : counted;
    };
    const answer = await here.call('events', [], {});
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^[1-9]\d?$/)]);
    expect(await tell(`Bearer ${await assertion()}`)).toBe(200);
    Object.assign(store, { count });
  });

  it('is not another client with its own secret', async () => {
    expect(await tell(basic('editor', 'a+secret+of+the+editor'))).toBe(401);
  });
});

it('a body that is too large is answered with 413, and whoever has no credential hears 401 first', async () => {
  const large = JSON.stringify({ padding: 'x'.repeat(70 * 1024) });
  expect((await here.call('challenges/x/accept', large)).status).toBe(413);
  expect((await here.call('challenges/x/accept', large, { authorization: 'Bearer x' })).status).toBe(401);
});

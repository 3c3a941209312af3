import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { type HandOff, theHandOff } from './hand-off.ts';

/** As which client a console may call: `client_secret_basic`, `private_key_jwt`, and two at once while one replaces the other. */
let here: HandOff;
let key: CryptoKey;
beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  key = privateKey;
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' };
  here = await theHandOff({
    directory: { client: ['example-console', 'console-by-key'] },
    clients: [
      { client_id: 'example-console', client_secret: 'a secret that only this example may know', redirect_uris: [] },
      {
        client_id: 'console-by-key',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [jwk] },
        redirect_uris: [],
      },
      { client_id: 'editor', client_secret: 'a secret of the editor', redirect_uris: [] },
    ],
  });
});
afterAll(() => here.close());

interface Claims {
  readonly iss?: string;
  readonly aud?: string;
  readonly jti?: string | undefined;
  readonly lifetime?: number;
  readonly signedBy?: CryptoKey;
}

async function assertion({
  iss = 'console-by-key',
  aud = here.issuer,
  lifetime = 60,
  signedBy = key,
  ...more
}: Claims = {}) {
  const jti = 'jti' in more ? more.jti : randomUUID();
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss, sub: iss, aud, iat: now, exp: now + lifetime, ...(jti !== undefined && { jti }) };
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(signedBy);
}

const tell = async (authorization: string) =>
  (
    await here.call('events', [{ id: randomUUID(), type: 'account.signed_out', account: 'u_9', at: 1 }], {
      authorization,
    })
  ).status;
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
    ['an assertion of another client', () => assertion({ iss: 'editor' })],
    ['an assertion by another key', async () => assertion({ signedBy: (await generateKeyPair('ES256')).privateKey })],
  ])('is not %s', async (_name, make) => {
    expect(await tell(`Bearer ${await make()}`)).toBe(401);
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

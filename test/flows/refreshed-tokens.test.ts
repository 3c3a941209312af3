import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import { connect } from '../support/connect.ts';
import { temporaryFolder } from '../support/process.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);

/** A refresh is a grant of ours, the redemption of a code is oidc-provider's: nobody may be able to tell. */
async function compare(request: Record<string, string>, by = server) {
  const { client, accessToken, refreshToken, answer } = await connect(by, { request });
  const { body } = await client.refresh(refreshToken);
  const keys = createRemoteJWKSet(new URL(`${by.issuer}/oauth/jwks`));
  const { payload } = await jwtVerify(body.access_token ?? '', keys, { issuer: by.issuer, typ: 'at+jwt' });
  const first = { header: decodeProtectedHeader(accessToken), claims: decodeJwt(accessToken), answer: answer.body };
  return { first, next: { header: decodeProtectedHeader(body.access_token ?? ''), claims: payload, answer: body } };
}

/** All but what is of each token its own. */
const lasting = ({ jti: _id, iat: _from, exp: _until, ...claims }: object & Record<string, unknown>) => claims;
const namesOf = (value: object) => Object.keys(value).sort();

describe('an access token of a refresh', () => {
  const scopes = ['project:read project:create', '*:*', 'openid email project:read offline_access'];
  it.each(scopes)('says what the first one said, with scope=%s', async (scope) => {
    const { first, next } = await compare({ scope });

    expect(next.header).toEqual(first.header);
    expect(lasting(next.claims)).toEqual(lasting(first.claims));
    expect(namesOf(next.claims)).toEqual(namesOf(first.claims));
    expect(next.claims.jti).not.toBe(first.claims.jti);
    expect(Number(next.claims.exp) - Number(next.claims.iat)).toBe(3600);
    expect(namesOf(next.answer)).toEqual(namesOf(first.answer));
    expect(next.answer).toMatchObject({ scope: first.answer.scope, token_type: 'Bearer', expires_in: 3600 });
  });

  it.each(['RS256', 'PS384', 'ES384', 'EdDSA'])('is signed as the first one with a key for %s', async (alg) => {
    await using folder = await temporaryFolder();
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    const file = join(folder.path, 'keys.json');
    const keys = [{ ...(await exportJWK(privateKey)), alg, use: 'sig', kid: 'mine' }];
    await writeFile(file, JSON.stringify({ keys }));
    await using own = await startServer({ env: { SIGNING_KEYS_FILE: file } });

    const { first, next } = await compare({ scope: 'project:read' }, own);

    expect(next.header).toEqual(first.header);
    expect(next.header).toMatchObject({ alg, kid: 'mine' });
  });
});

type Compared = { readonly answer: Record<string, unknown> };
const idTokensOf = (first: Compared, next: Compared) =>
  [decodeJwt(String(first.answer.id_token)), decodeJwt(String(next.answer.id_token))] as const;

describe('an ID token of a refresh (OpenID Connect Core §12.2)', () => {
  it('says of the person what the first one said', async () => {
    const { first, next } = await compare({ scope: 'openid email profile project:read' });
    const [before, after] = idTokensOf(first, next);

    expect(after).toMatchObject({ email: 'demo@example.com', name: expect.any(String), sub: first.claims.sub });
    expect(namesOf(after)).toEqual(namesOf(before));
    expect([after.iss, after.aud]).toEqual([before.iss, before.aud]);
  });

  it('says when the person signed in, where the first one was asked to (OpenID Connect Core §3.1.2.1)', async () => {
    const { first, next } = await compare({ scope: 'openid project:read', max_age: '3600', prompt: 'login' });
    const [before, after] = idTokensOf(first, next);
    expect(before.auth_time).toEqual(expect.any(Number));
    expect(after.auth_time).toBe(before.auth_time);
  });

  it('says nothing that the scope of this refresh leaves out', async () => {
    const { client, refreshToken } = await connect(server, { request: { scope: 'openid email project:read' } });

    const narrow = await client.refresh(refreshToken, { scope: 'openid project:read' });
    expect(decodeJwt(String(narrow.body.id_token))).not.toHaveProperty('email');
    const none = await client.refresh(String(narrow.body.refresh_token), { scope: 'project:read' });
    expect(none.body).not.toHaveProperty('id_token');
  });

  it('is none without openid', async () => {
    const { next } = await compare({ scope: 'project:read email' });
    expect(next.answer).not.toHaveProperty('id_token');
  });
});

import { describe, expect, it } from '@jest/globals';
import { approve } from '../support/approval.ts';
import { connect } from '../support/connect.ts';
import { findCookie } from '../support/cookies.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { type TestStoreKind, testStores } from '../support/test-store.ts';

/** A stolen database opens nothing. */
describe.each(Object.keys(testStores) as TestStoreKind[])('a thief of what is kept in %s', (kind) => {
  const kept = shared(() => testStores[kind]());
  const server = shared(() => startServer({ env: kept.env }));
  const held = shared(async () => ({ ...(await useEverything()), stolen: await kept.bytes() }));

  /** Of each secret one that is still good, and some that were used. */
  async function useEverything() {
    const metadata = { token_endpoint_auth_method: 'client_secret_post' };
    const { client, person, refreshToken, accessToken } = await connect(server, { client: metadata });
    const renewed = await client.refresh(refreshToken);
    const { code } = await approve(client, person);
    const started = await person.browser.open(client.authorizationRequest().url.href);
    const cookie = (kind: string) => findCookie(person.browser, kind)?.value ?? '';
    return { client, refreshToken, accessToken, renewed, code, started, cookie };
  }

  type Held = Awaited<ReturnType<typeof useEverything>>;
  it.each<[string, (held: Held) => unknown]>([
    ['client secret', ({ client }) => client.clientSecret],
    ['registration token', ({ client }) => client.registration.registration_access_token],
    ['unused code', ({ code }) => code],
    ['used refresh token', ({ refreshToken }) => refreshToken],
    ['newest refresh token', ({ renewed }) => renewed.body.refresh_token],
    ['access token', ({ accessToken }) => accessToken],
    ['session cookie', ({ cookie }) => cookie('session')],
    ['signature of the session cookie', ({ cookie }) => cookie('session.sig')],
    ['interaction cookie', ({ cookie }) => cookie('interaction')],
    ['resume cookie', ({ cookie }) => cookie('resume')],
    ['anti-forgery value', ({ started }) => /name="csrf" value="([^"]+)"/.exec(started.html)?.[1]],
    ['STORE_SECRET', () => server.config.storeSecrets],
    ['password', () => 'demo-password'],
  ])('does not find a %s', (_name, of) => {
    const secret = String(of(held) ?? '');
    expect(secret.length).toBeGreaterThan(10);
    expect(held.stolen.includes(secret)).toBe(false);
  });

  it('finds no private part of a key', () => {
    expect(held.stolen).toContain('signing-keys');
    expect(held.stolen).not.toMatch(/"d":|"kty"/);
  });

  it('does find what is no secret, so that this search is known to find', () => {
    expect(held.stolen).toContain('A tool');
    expect(held.stolen).toContain('demo@example.com');
  });
});

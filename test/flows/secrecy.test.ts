import { describe, expect, it } from '@jest/globals';
import { approve } from '../support/approval.ts';
import { connect } from '../support/connect.ts';
import { findCookie } from '../support/cookies.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { type TestStoreKind, testStores } from '../support/test-store.ts';

/** Decision 4: a stolen database opens nothing. */
describe.each(Object.keys(testStores) as TestStoreKind[])('a thief of what is kept in %s', (kind) => {
  const kept = shared(() => testStores[kind]());
  const server = shared(() => startServer({ env: kept.env }));
  const held = shared(async () => ({ secrets: await useEverything(), stolen: await kept.bytes() }));

  /** One of each secret while it is still good, and some that were used. */
  async function useEverything(): Promise<Record<string, string>> {
    const metadata = { token_endpoint_auth_method: 'client_secret_post' };
    const { client, person, refreshToken, accessToken } = await connect(server, { client: metadata });
    const renewed = await client.refresh(refreshToken);
    const { code } = await approve(client, person);
    const started = await person.browser.open(client.authorizationRequest().url.href);
    const cookie = (kind: string) => findCookie(person.browser, kind)?.value ?? '';
    return {
      'client secret': String(client.clientSecret),
      'registration token': String(client.registration.registration_access_token),
      'unused code': code,
      'used refresh token': refreshToken,
      'newest refresh token': String(renewed.body.refresh_token),
      'access token': accessToken,
      'session cookie': cookie('session'),
      'signature of the session cookie': cookie('session.sig'),
      'interaction cookie': cookie('interaction'),
      'resume cookie': cookie('resume'),
      'anti-forgery value': /name="csrf" value="([^"]+)"/.exec(started.html)?.[1] ?? '',
      STORE_SECRET: String(server.config.storeSecrets),
      password: 'demo-password',
    };
  }

  it.each([
    'client secret',
    'registration token',
    'unused code',
    'used refresh token',
    'newest refresh token',
    'access token',
    'session cookie',
    'signature of the session cookie',
    'interaction cookie',
    'resume cookie',
    'anti-forgery value',
    'STORE_SECRET',
    'password',
  ])('does not find a %s', (name) => {
    const secret = held.secrets[name] ?? '';
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

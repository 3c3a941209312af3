import { beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createCookies } from '../../src/http/cookies.ts';
import { csrfOf, findCookie } from '../support/cookies.ts';
import { metricsOf } from '../support/listening.ts';
import { createPerson } from '../support/person.ts';
import { type RelyingParty, registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

/**
 * Secrets are sent where they belong and where they do not, and looked for in what others read: all lines of the log, down
 * to `debug`, all metrics, and the answers to whoever sent something wrong (RFC 6819 §5.1.6: no credentials in logs; of no chapter here).
 */
const server = shared(() => startServer({ demonstration: true }));
const secrets = new Map<string, string>();
const errors: { readonly about: string; readonly text: string }[] = [];
/** What people are shown who did nothing wrong. */
const pages: { readonly about: string; readonly html: string }[] = [];
let count = 0;
/** Nothing like it is anywhere else; of the letters that any part may have. */
function canary(name: string): string {
  count += 1;
  const value = `canary${count}x${'0123456789abcdefghijklmnopqrstuvwxyz'.slice(count % 7)}y`;
  secrets.set(name, value);
  return value;
}

const form = 'application/x-www-form-urlencoded';
const post = (body: Record<string, string>, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': form, ...headers },
  body: new URLSearchParams(body).toString(),
});

/** Something wrong is sent, and answered with an error that is kept. */
async function refuse(about: string, path: string, init: RequestInit = {}) {
  const response = await fetch(server.origin + path, { redirect: 'manual', ...init });
  const headers = [...response.headers].filter(([name]) => name !== 'location' && name !== 'set-cookie').flat();
  errors.push({ about, text: `${headers.join('\n')}\n${await response.text()}` });
}

/** All of it is good while it is used, and is found in the store of whoever sent it. */
async function useEverything() {
  const metadata = { token_endpoint_auth_method: 'client_secret_post', client_name: `Tool ${canary('a client name')}` };
  const client = await registerClient(server.issuer, metadata);
  secrets.set('a client secret', String(client.clientSecret));
  secrets.set('a registration token', String(client.registration.registration_access_token));
  const person = createPerson(server.origin);
  const { url, verifier } = client.authorizationRequest({ state: canary('a state'), nonce: canary('a nonce') });
  secrets.set('a verifier', verifier);
  const callback = await person.approves(url);
  secrets.set('a code', String(callback.searchParams.get('code')));
  const { body } = await client.exchange(callback, verifier);
  secrets.set('an access token', String(body.access_token));
  secrets.set('a refresh token', String(body.refresh_token));
  for (const name of ['session', 'session.sig', 'interaction', 'resume'])
    secrets.set(`a cookie (${name})`, findCookie(person.browser, name)?.value ?? '');
  for (const path of ['', '/sign-out', `/connections/${decodeJwt(String(body.access_token)).grant_id}`]) {
    const { status, html } = await person.browser.open(`/mcp/oauth/account${path}`);
    expect(status).toBe(200);
    pages.push({ about: `account${path}`, html });
  }
  pages.push(...(await pagesOfAnotherFlow(client)));
  const renewed = await client.refresh(String(body.refresh_token));
  secrets.set('a renewed token', String(renewed.body.refresh_token));
  const replay = await client.exchange(callback, verifier);
  errors.push({ about: 'a code that is used again', text: JSON.stringify(replay.body) });
  await client.post('revoke', { token: String(renewed.body.refresh_token) });
  const page = await createPerson(server.origin).browser.open('/mcp/oauth/account/sign-in');
  pages.push({ about: 'account/sign-in', html: page.html });
  secrets.set('an anti-forgery value', csrfOf(page));
  return client;
}

/** Each page on the way of a person who is not signed in yet, but the last: that one leads to the tool, with the code. */
async function pagesOfAnotherFlow(client: RelyingParty): Promise<typeof pages> {
  const { browser } = createPerson(server.origin);
  const request = { state: canary('a state that waits'), nonce: canary('a nonce that waits') };
  const { url, verifier } = client.authorizationRequest(request);
  secrets.set('a verifier that waits', verifier);
  const signIn = await browser.open(url.href);
  const next = await browser.submit(signIn, '/sign-in', { email: 'demo@example.com', password: 'demo-password' });
  const consent = await browser.open(`${next.url.pathname}?organization=acme`);
  // The value of `interaction` is in the address of each page: what proves it is the signature.
  for (const name of ['session', 'session.sig', 'interaction.sig'])
    secrets.set(`another cookie (${name})`, findCookie(browser, name)?.value ?? '');
  return [signIn, next, consent].map(({ html }, step) => ({ about: `step ${step} of a flow`, html }));
}

/** In each place of a request that has one, and answered with a refusal. */
async function misplaceEverything(clientId: string) {
  const endpoints = ['authorize', 'token', 'register', 'revoke', 'introspect', 'userinfo', 'jwks', 'revocations'];
  const paths = ['interaction/nothing', 'account/connections/nothing', 'sign-out', 'authorize/nothing', 'nothing'];
  const cookies = Object.values(createCookies(server.issuer).names);
  for (const place of [...endpoints, 'verify', ...paths]) {
    const path = `/mcp/oauth/${place}`;
    const secret = (what: string) => canary(`${what} at ${place}`);
    const query = new URLSearchParams({
      ...{ access_token: secret('a token in the query'), token: secret('another'), code: secret('a code') },
      ...{ password: secret('a password'), client_secret: secret('a client secret'), ticket: secret('a ticket') },
      ...{ id_token_hint: secret('a hint'), code_challenge: secret('a challenge') },
      registration_access_token: secret('r'),
    });
    await refuse(`the query of ${place}`, `${path}?${query}`);
    const basic = `Basic ${btoa(`${clientId}:${secret('a wrong secret')}`)}`;
    secrets.set(`basic at ${place}`, basic.slice(6));
    for (const authorization of [basic, `Bearer ${secret('a bearer')}`, `Digest ${secret('a digest')}`, secret('bare')])
      await refuse(`Authorization at ${place}`, path, { headers: { Authorization: authorization } });
    const Cookie = cookies.map((name) => `${name}=${secret(`a cookie (${name})`)}`).join('; ');
    await refuse(`a cookie at ${place}`, path, { headers: { Cookie, 'X-Api-Key': secret('a key') } });
    const fields = {
      ...{ grant_type: 'authorization_code', client_id: clientId, code: secret('a code that is sent') },
      ...{ code_verifier: `${secret('a verifier')}${'v'.repeat(40)}`, client_secret: secret('a secret that is sent') },
      ...{ token: secret('a token'), refresh_token: secret('a refresh token'), csrf: secret('a csrf') },
      ...{ password: secret('a password that is sent'), client_assertion: secret('an assertion') },
      redirect_uri: `http://127.0.0.1/${secret('u')}`,
    };
    await refuse(`the form of ${place}`, path, post(fields));
    await refuse(`a renewal at ${place}`, path, post({ ...fields, grant_type: 'refresh_token' }));
    await refuse(`an unknown grant at ${place}`, path, post({ ...fields, grant_type: secret('a grant type') }));
    const asJson = (body: string) => ({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    const jwks = { keys: [{ kty: 'oct', k: secret('k') }] };
    const members = { client_secret: secret('in JSON'), [secret('a member')]: 1, jwks };
    await refuse(`JSON at ${place}`, path, asJson(JSON.stringify(members)));
    await refuse(`broken JSON at ${place}`, path, asJson(`{"client_secret":"${secret('in broken JSON')}"`));
    await refuse(`another method at ${place}`, `${path}?token=${secret('a token of PATCH')}`, { method: 'PATCH' });
  }
}

async function signInWrongly() {
  const { url } = (await registerClient(server.issuer)).authorizationRequest();
  for (const start of ['/mcp/oauth/account/sign-in', url.href]) {
    const { browser } = createPerson(server.origin);
    const page = await browser.open(start);
    const password = canary(`a wrong password at ${start.slice(0, 20)}`);
    await browser.submit(page, '/sign-in', { email: 'demo@example.com', password });
    // Into the wrong field: the page shows it again to whoever wrote it, and nobody else may see it.
    await browser.submit(page, '/sign-in', { email: canary(`a password as email at ${start.slice(0, 20)}`), password });
    await browser.submit(page, '/sign-in', { csrf: canary(`a forged value at ${start.slice(0, 20)}`), password });
  }
}

beforeAll(async () => {
  secrets.set('the password', 'demo-password');
  const client = await useEverything();
  await misplaceEverything(client.clientId);
  await signInWrongly();
}, 120_000);

const foundIn = (text: string) => [...secrets].filter(([, value]) => text.includes(value)).map(([name]) => name);

describe('no secret that was sent', () => {
  it('was too short to be looked for, or not sent at all', () => {
    expect([...secrets].filter(([, value]) => value.length < 10)).toEqual([]);
    expect(secrets.size).toBeGreaterThan(400);
    expect(errors.length).toBeGreaterThan(150);
  });

  it('is in a line of the log', () => {
    expect(server.logLines.length).toBeGreaterThan(100);
    const told = server.logLines.map((line) => [foundIn(JSON.stringify(line)), line] as const);
    expect(told.filter(([names]) => names.length > 0)).toEqual([]);
  });

  it('is in the metrics', async () => {
    const metrics = await metricsOf(server);
    expect(metrics).toContain('mcp_auth_request_seconds_count');
    expect(foundIn(metrics)).toEqual([]);
  });

  it('is on a page that people are shown', () => {
    expect(pages.length).toBe(7);
    // Its own hidden field is what an anti-forgery value is for.
    const told = pages.map(({ about, html }) => [about, foundIn(html.replaceAll(/name="csrf" value="[^"]+"/g, ''))]);
    // A name is no secret: it is what a page is to show.
    const names = (found: unknown) => (found as string[]).filter((name) => name !== 'a client name');
    expect(told.filter(([, found]) => names(found).length > 0)).toEqual([]);
  });

  it('is in the answer to what was wrong', () => {
    const told = errors.map(({ about, text }) => [about, foundIn(text)] as const);
    expect(told.filter(([, names]) => names.length > 0)).toEqual([]);
  });
});

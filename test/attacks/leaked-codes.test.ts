import { describe, expect, it } from '@jest/globals';
import { aboutFiles, files, proxiedResource } from '../forward-auth/proxied.ts';
import { createGateway } from '../gateway/gateway.ts';
import { startAttacked } from '../support/attacked.ts';
import { answerIn, redirectUri, type TokenAnswer } from '../support/relying-party.ts';
import { shared } from '../support/shared.ts';
import { createVisitor } from '../support/visitor.ts';

const here = shared(() => startAttacked({ policy: { resources: [proxiedResource(files)] } }));
const visitor = shared(() => createVisitor(here.server));

/** RFC 9700 §4.5, authorization code injection: a stolen code is worth nothing but to the client and the run it was made for. */
const other = shared(() => here.registers());
const invalidGrant = { status: 400, body: { error: 'invalid_grant' } };

interface Run {
  readonly callback: URL;
  readonly verifier: string;
}
const codeIn = (callback: URL) => callback.searchParams.get('code') ?? '';
const challengeOf = (run: { url: URL }) => run.url.searchParams.get('code_challenge') ?? '';
const redeem = ({ callback, verifier }: Run, parameters = {}) => here.client.exchange(callback, verifier, parameters);
const withCode = (code: string, parameters: Record<string, string> = {}) =>
  here.client.post('token', { grant_type: 'authorization_code', code, redirect_uri: redirectUri, ...parameters });
const withLetterChanged = (code: string) => code.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'));

const injections: Record<string, (run: Run) => Promise<TokenAnswer>> = {
  'by another client': ({ callback, verifier }) => other.exchange(callback, verifier),
  'with another redirect URI (R60, R96)': (run) => redeem(run, { redirect_uri: 'http://127.0.0.1:9999/callback' }),
  'with a redirect URI that is a slash longer': (run) => redeem(run, { redirect_uri: `${redirectUri}/` }),
  'into a run of the attacker, with its verifier': (run) =>
    redeem({ ...run, verifier: here.client.authorizationRequest().verifier }),
  'with an empty verifier': (run) => redeem({ ...run, verifier: '' }),
  'without a verifier': ({ callback }) => withCode(codeIn(callback)),
  'with the challenge for a verifier': (run) =>
    redeem({ ...run, verifier: challengeOf(here.client.authorizationRequest()) }),
  'with the verifier twice its length': (run) => redeem({ ...run, verifier: run.verifier.repeat(2) }),
  'with a letter of the code changed': ({ callback, verifier }) =>
    withCode(withLetterChanged(codeIn(callback)), { code_verifier: verifier }),
};

describe('a stolen code that is redeemed', () => {
  it.each(Object.entries(injections))('%s is refused, and stays good for its client', async (_name, inject) => {
    const run = await here.approved();

    expect(await here.changesNothing(() => inject(run))).toMatchObject(invalidGrant);
    expect((await redeem(run)).status).toBe(200);
  });

  it('with what the browser and the server saw of its challenge is refused', async () => {
    const { url, verifier } = here.client.authorizationRequest({ scope: 'project:read' });
    const callback = await here.person.approves(url);
    const injects = () => redeem({ callback, verifier: challengeOf({ url }) });

    expect(await here.changesNothing(injects)).toMatchObject(invalidGrant);
    expect((await redeem({ callback, verifier })).status).toBe(200);
  });

  it('after its client is refused, and ends what it was stolen from (RFC 6749 §4.1.2)', async () => {
    const run = await here.approved();
    const { refresh_token: token = '' } = (await redeem(run)).body;

    expect(await redeem(run)).toMatchObject(invalidGrant);
    expect(await here.changesNothing(() => here.client.refresh(token))).toMatchObject(invalidGrant);
    const end = { event: 'connection.revoked', reason: 'token replayed' };
    expect(here.server.logLines).toContainEqual(expect.objectContaining(end));
  });
});

/** RFC 9700 §4.3, credential leakage via browser history: no token is in a URL, and none is taken out of one. */
const tokens = shared(() => here.connected(here.client, { scope: 'openid project:read', resource: files }));

describe('what the browser remembers', () => {
  it.each(['query', 'fragment', undefined])('is a code at most, in the response mode %s', async (mode) => {
    const { callback } = await here.approved(here.client, { response_mode: mode, scope: 'openid project:read' });

    expect(Object.keys(answerIn(callback)).sort()).toEqual(['code', 'iss', 'state']);
  });
});

describe('a token in a URL', () => {
  const asked = {};
  const formed = { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
  const urls: [string, () => string, RequestInit][] = [
    ['an access token at userinfo', () => `userinfo?access_token=${tokens.access_token}`, asked],
    ['an access token at userinfo, by POST', () => `userinfo?access_token=${tokens.access_token}`, formed],
    [
      'an access token at forward authentication',
      () => `verify${aboutFiles}&access_token=${tokens.access_token}`,
      asked,
    ],
    ['a refresh token at the token endpoint', () => renewal(), asked],
    ['a refresh token at the token endpoint, by POST', () => renewal(), formed],
    ['a token at introspection', () => `introspect?token=${tokens.access_token}&${client()}`, formed],
    ['a token at revocation', () => `revoke?token=${tokens.refresh_token}&${client()}`, asked],
    ['a token at revocation, by POST', () => `revoke?token=${tokens.refresh_token}&${client()}`, formed],
  ];
  const client = () => `client_id=${here.client.clientId}`;
  const renewal = () => `token?grant_type=refresh_token&refresh_token=${tokens.refresh_token}&${client()}`;

  it.each(urls)('%s is not taken (RFC 6750 §2.3, OAuth 2.1 §5.1)', async (_name, at, init) => {
    const { status, text } = await here.changesNothing(async () => {
      const response = await fetch(`${here.server.issuer}/oauth/${at()}`, init);
      return { status: response.status, text: await response.text() };
    });

    expect(String(status)).toMatch(/^4/);
    expect(text).not.toContain('"access_token"');
  });

  it('is not taken by the kit', async () => {
    await using gateway = await createGateway(here.server.issuer, { resource: files });
    const token = String(tokens.access_token);

    const refused = await here.changesNothing(() => gateway.request(`/mcp?access_token=${token}`));

    expect([refused.status, (await gateway.call(token)).status]).toEqual([401, 200]);
  });

  it('for a registration is not taken', async () => {
    const { registration } = await here.registers();
    const { registration_client_uri: uri, registration_access_token: secret } = registration;

    for (const method of ['GET', 'DELETE']) {
      const refused = await here.changesNothing(() => fetch(`${uri}?access_token=${secret}`, { method }));
      expect([400, 401]).toContain(refused.status);
    }
  });
});

/** RFC 9700 §4.2, credential leakage via Referer: what the next site, or its log, is told of where somebody came from. */
describe('the next site', () => {
  it('is told by no page where its visitor comes from, and fetches nothing for one', async () => {
    const { pages } = await visitor.goesThrough();
    for (const { headers, html } of Object.values(pages)) {
      expect(headers.get('referrer-policy')).toMatch(/^(same-origin|no-referrer)$/);
      expect(html).not.toMatch(/\b(src|srcset|poster|data)="(https?:)?\/\//);
      expect(html).not.toMatch(/name="referrer"|referrerpolicy=/i);
    }
  });

  it('learns no code from an address of ours, and no page has one but the last, for the browser of the flow', async () => {
    const { pages, callback } = await visitor.goesThrough();
    const code = codeIn(callback);
    expect(code).toMatch(/^[\w-]{43}\.[\w-]{43}$/);
    for (const { url } of Object.values(pages)) expect(url.href).not.toContain(code);
    for (const { html } of [pages.signIn, pages.organizations, pages.consent]) expect(html).not.toContain(code);
    expect(pages.last.headers.get('cache-control')).toContain('no-store');
  });
});

describe('the address of the page with the code, out of a Referer or a log,', () => {
  it('leads a stranger nowhere', async () => {
    const { pages, callback, client, verifier } = await visitor.goesThrough();

    const rest = await here.changesNothing(() => here.stranger().open(pages.last.url.href));

    expect([rest.status, rest.url.origin]).toEqual([400, here.server.origin]);
    expect(rest.html).not.toContain(codeIn(callback));
    expect((await client.exchange(callback, verifier)).status).toBe(200);
  });

  it('leads nobody anywhere once the code was redeemed, not even that browser', async () => {
    const { browser, pages, callback, client, verifier } = await visitor.goesThrough();
    await client.exchange(callback, verifier);

    const rest = await here.changesNothing(() => browser.open(pages.last.url.href));

    expect(rest.url.origin).toBe(here.server.origin);
    expect(rest.html).not.toContain(codeIn(callback));
  });
});

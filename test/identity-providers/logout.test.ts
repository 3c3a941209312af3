import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createTestClock } from '../support/clock.ts';
import { closing } from '../support/closing.ts';
import { eventually } from '../support/eventually.ts';
import { registerClient } from '../support/relying-party.ts';
import { shared } from '../support/shared.ts';
import { startScriptedProvider } from './scripted-provider.ts';
import { aPersonOf, entryFor, heading, linkOf, serverWith, theCompany } from './signing-in.ts';

const event = 'http://schemas.openid.net/event/backchannel-logout';
const everybody = [{ emailDomain: 'scripted.example', organization: 'acme', role: 'viewer' }];

const time = createTestClock();
const provider = shared(startScriptedProvider);
const entries = () => [
  entryFor(provider, { id: 'scripted', memberships: everybody, logoutEnds: 'connections' }),
  entryFor({ issuer: 'https://away.example' }, { id: 'away' }),
  // The same once more, as one of before.
  entryFor(provider, { id: 'older', memberships: everybody, untypedLogoutTokens: true }),
];
const here = shared(() => serverWith(entries, { parts: time }));
let sessions = 0;
afterEach(() => provider.plays({}));

/** Somebody with a session at the provider, a session here and a connection. */
async function signedIn(at = 'scripted') {
  const sid = `sid-${++sessions}`;
  provider.plays({ idToken: (claims) => ({ ...claims, sid }) });
  const person = aPersonOf(here);
  const { page, verifier } = await person.begins();
  const consent = await person.follow(await person.atServer.open(`${page.url.pathname}?with=${at}`));
  const { body } = await here.tool.exchange((await person.approves(consent)).url, verifier);
  return { person, sid, tokens: body, isSignedIn: async () => (await overview(person)).includes('Your connections') };
}
const overview = async (person: ReturnType<typeof aPersonOf>) =>
  (await person.atServer.open(`${here.issuer}/oauth/account`)).html;

const tokenClaims = (more: object = {}) => {
  const now = Math.floor(time.clock.now() / 1000);
  return {
    ...{ iss: provider.issuer, aud: 'mcp-auth', iat: now, exp: now + 120, jti: randomUUID(), events: { [event]: {} } },
    ...more,
  };
};
const signed = (more: object = {}, header: object = {}) =>
  provider.sign(tokenClaims(more), { typ: 'logout+jwt', ...header });

async function sends(token: string, id = 'scripted') {
  const answer = await fetch(`${here.issuer}/oauth/identity-providers/${id}/backchannel-logout`, {
    method: 'POST',
    body: new URLSearchParams({ logout_token: token }),
  });
  return { status: answer.status, text: await answer.text(), cache: answer.headers.get('cache-control') };
}

describe('when the provider says that somebody has signed out there (back-channel logout)', () => {
  it('ends sessions, and what was connected goes on, where it is not set otherwise', async () => {
    const gone = await signedIn('older');
    expect((await sends(await signed({ sid: gone.sid }), 'older')).status).toBe(200);
    expect(await gone.isSignedIn()).toBe(false);
    expect((await here.tool.refresh(String(gone.tokens.refresh_token))).status).toBe(200);
  });

  it('ends the session of that session there, and by setting what was connected in it; no other', async () => {
    const [gone, other] = [await signedIn(), await signedIn()];
    expect([await gone.isSignedIn(), await other.isSignedIn()]).toEqual([true, true]);
    expect(await sends(await signed({ sid: gone.sid }))).toEqual({ status: 200, text: '', cache: 'no-store' });
    expect([await gone.isSignedIn(), await other.isSignedIn()]).toEqual([false, true]);
    expect((await here.tool.refresh(String(gone.tokens.refresh_token))).body.error).toBe('invalid_grant');
    expect(here.logLines.at(-1)).not.toHaveProperty('check');
  });

  it('ends every session of a person who is named without one', async () => {
    const [first, second] = [await signedIn(), await signedIn()];
    expect((await sends(await signed({ sub: 's-1' }))).status).toBe(200);
    expect([await first.isSignedIn(), await second.isSignedIn()]).toEqual([false, false]);
  });

  it('lets no session begin that ended before it was known here', async () => {
    const sid = `sid-${sessions + 1}`;
    expect((await sends(await signed({ sid }))).status).toBe(200);
    await expect(signedIn()).rejects.toThrow('no form for "/consent"');
  });

  it('counts once, 20 times at once, too; a second time it ends nothing', async () => {
    const { sid } = await signedIn();
    const token = await signed({ sid, sub: 's-1' });
    const all = await Promise.all(Array.from({ length: 20 }, () => sends(token)));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
    const later = await signedIn();
    expect([await sends(token), await later.isSignedIn()]).toMatchObject([{ status: 400 }, true]);
  });

  it.each<[string, () => Promise<string>, string]>([
    ['of another client', () => signed({ aud: 'another' }), 'aud'],
    ['of another issuer', () => signed({ iss: 'https://rogue.example' }), 'iss'],
    ['that has expired', () => signed({ exp: tokenClaims().iat - 60 }), 'exp'],
    ['that is older than five minutes', () => signed({ iat: tokenClaims().iat - 400 }), 'iat'],
    ['without an age', () => signed({ iat: undefined }), 'iat'],
    ['without a name of its own', () => signed({ jti: undefined }), 'jti'],
    ['with a nonce, as an ID token has one', () => signed({ nonce: 'n' }), 'nonce'],
    ['about another event', () => signed({ events: { 'https://example.com/other': {} } }), 'events'],
    ['about nobody', () => signed({ sub: undefined }), 'sub'],
    ['that is an ID token', () => signed({}, { typ: 'JWT' }), 'typ'],
    ['signed by a stranger', () => provider.signByStranger(tokenClaims({ sub: 's-1' })), 'signature'],
    ['signed by nobody', () => provider.unsigned(tokenClaims({ sub: 's-1' })), 'algorithm'],
    ['signed with the public key', () => provider.signByPublicKey(tokenClaims({ sub: 's-1' })), 'algorithm'],
    ['that is none', async () => 'nothing', 'form'],
    ['that is missing', async () => '', 'form'],
  ])('refuses a token %s, and ends nothing', async (_name, make, check) => {
    const { isSignedIn } = await signedIn();
    const { status, text, cache } = await sends(await make());
    expect([status, JSON.parse(text).error, cache]).toEqual([400, 'invalid_request', 'no-store']);
    const line = here.logLines.filter((each) => each.event === 'identity_provider.logout').at(-1);
    expect(line).toMatchObject({ provider: 'scripted', status: 400, check: `logout token: ${check}` });
    expect(JSON.stringify(line)).not.toContain('eyJ');
    expect(await isSignedIn()).toBe(true);
  });

  it.each<[string, object, object, number]>([
    ['JWT', { typ: 'JWT' }, {}, 200],
    ['none', { typ: undefined }, {}, 200],
    ['logout+jwt', {}, {}, 200],
    ['one that is of something else', { typ: 'at+jwt' }, {}, 400],
    ['none, which is an ID token', { typ: undefined }, { nonce: 'n' }, 400],
    ['none, which is about no event', { typ: undefined }, { events: undefined }, 400],
  ])('takes tokens without a type where it is configured so: %s', async (_name, header, claims, status) => {
    expect((await sends(await signed({ sub: 's-0', ...claims }, header), 'older')).status).toBe(status);
  });

  it('knows no provider of another name, and asks to be told again while the keys cannot be had', async () => {
    expect((await sends(await signed({ sub: 's-1' }), 'nobody')).status).toBe(404);
    expect((await sends(await signed({ sub: 's-1' }), 'away')).status).toBe(503);
  });
});

it.each([undefined, 'https://tool.example/signed-out'])(
  'leads on to the sign-out of the provider, with whom it is about, who signs out where a tool sends people (to %s)',
  async (back) => {
    const { person } = await signedIn();
    const tool = await registerClient(here.issuer, back === undefined ? {} : { post_logout_redirect_uris: [back] });
    const query = new URLSearchParams({ client_id: tool.clientId, ...(back && { post_logout_redirect_uri: back }) });
    const asked = await person.atServer.open(`${here.issuer}/oauth/sign-out?${query}`);
    const out = await person.atServer.submit(asked, '/sign-out/confirm', { logout: 'yes' });
    // Two places to go to: the person chooses.
    const there = back === undefined ? out.url : new URL(linkOf(out, /localhost/));
    expect([there.origin, there.pathname]).toEqual([provider.issuer, '/end']);
    expect(there.searchParams.get('id_token_hint')).toMatch(/^eyJ/);
    expect(there.searchParams.get('post_logout_redirect_uri')).toMatch(/\/identity-providers\/scripted\/signed-out$/);
    expect((await person.atServer.open(`${here.issuer}/oauth/account`)).html).not.toContain('Your connections');
  },
);

it('signs out there, too, who signs out here; and the company tells its other sessions', async () => {
  await using company = closing(await theCompany());
  const [one, two] = [aPersonOf(company), aPersonOf(company)];
  await one.connects('ada');
  await two.connects('ada');
  const account = `${company.issuer}/oauth/account`;
  const asked = await one.atServer.open(`${account}/sign-out`);
  const there = await one.follow(await one.atServer.submit(asked, '/sign-out'));
  expect([there.url.origin, heading(there)]).toEqual([company.company.issuer, 'Sign out of the company?']);
  const { origin } = there.url;
  const goodbye = await one.follow(
    await one.at(origin).submit(there, '/session/end/confirm', { logout: 'yes' }, { origin }),
  );
  const signedOut = `${company.issuer}/oauth/identity-providers/company/signed-out`;
  expect([goodbye.url.href, heading(goodbye)]).toEqual([signedOut, 'You are signed out']);
  await eventually(async () => company.logLines.some(({ event: name }) => name === 'identity_provider.logout'));
  // A session of its own there, in another browser: it goes on.
  expect((await two.atServer.open(account)).html).toContain('Your connections');
  expect((await one.begins()).page.url.origin).toBe(company.company.issuer);
});

import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { createTestClock } from '../support/clock.ts';
import { closing } from '../support/closing.ts';
import { shared } from '../support/shared.ts';
import { companyPeople } from './company.ts';
import { aPersonOf, arriving, heading, said, theCompany } from './signing-in.ts';

const time = createTestClock();
const here = shared(() =>
  theCompany({}, { changes: { signIn: { tokenClaims: ['amr', 'acr', 'auth_time'] } }, parts: time }),
);

const openid = { scope: 'openid project:read' };

/** What the company is asked, as the browser is sent there. */
async function sentTo(parameters: Record<string, string | undefined> = {}) {
  const person = aPersonOf(here);
  const { url } = await person.atServer.open(here.tool.authorizationRequest(parameters).url.href);
  return { person, url };
}

describe('an authorization where people have accounts at an identity provider', () => {
  it('leads there at once, where it is the only way in, back to the consent page, and to tokens', async () => {
    const person = aPersonOf(here);
    const tokens = await person.connects('ada', openid);
    expect(decodeJwt(String(tokens.access_token))).toMatchObject({
      sub: expect.stringMatching(/^idp_[\w-]{43}$/),
      org_slug: 'acme-works',
      org_role: 'admin',
      amr: ['pwd', 'otp'],
      acr: 'urn:mfa',
      auth_time: expect.any(Number),
    });
    expect(decodeJwt(String(tokens.id_token))).toMatchObject({ amr: ['pwd', 'otp'] });
    const renewed = await here.tool.refresh(String(tokens.refresh_token));
    expect(decodeJwt(String(renewed.body.access_token))).toMatchObject({ org_role: 'admin', acr: 'urn:mfa' });
  });

  it('pushes the request, where the provider takes it: the browser carries a reference and nothing else (RFC 9126)', async () => {
    const { url } = await sentTo();
    expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
  });

  it('lets who is signed in here go on without the provider', async () => {
    const person = aPersonOf(here);
    await person.connects('ada');
    const { page } = await person.begins();
    expect([page.url.origin, page.html.includes('ada@example.com')]).toEqual([here.origin, true]);
  });

  it('sends who uses another account back there, to choose or to sign in anew', async () => {
    const person = aPersonOf(here);
    await person.connects('ada');
    const { page } = await person.begins();
    const there = await person.presses(page, 'Use another account');
    expect([there.url.origin, there.html]).toEqual([here.company.issuer, expect.stringContaining('<p>login</p>')]);
    const consent = await person.enters(there, 'grace');
    expect(consent.html).toContain('grace@example.com');
  });

  it('shows a page when the person cancels there, tells the tool only when they leave, and lets them try again', async () => {
    const { person, page } = await arriving(here);
    const refused = await person.follow(await person.cancels(page));
    expect(said(refused)).toEqual([403, 'You were not signed in']);
    expect(refused.html).not.toContain('the company</b>');
    const there = await person.presses(refused, 'Sign in again');
    const consent = await person.enters(there);
    expect(consent.html).toContain('Authorize');

    const another = aPersonOf(here);
    const gone = await another.follow(await another.cancels((await another.begins()).page));
    const left = await another.follow(await another.atServer.submit(gone, '/decline'));
    expect(left.url.searchParams.get('error')).toBe('access_denied');
  });
});

describe('what a request asks of the sign-in', () => {
  it('hands prompt=login on: who has a session, here and there, signs in again', async () => {
    const person = aPersonOf(here);
    await person.connects('ada');
    const { page } = await person.begins({ ...openid, prompt: 'login' });
    expect(page.url.origin).toBe(here.company.issuer);
    expect((await person.enters(page)).html).toContain('Authorize');
  });

  it('asks again when the sign-in is older than max_age, and says its time in the ID token', async () => {
    const person = aPersonOf(here);
    const before = decodeJwt(String((await person.connects('ada', { ...openid, max_age: '300' })).id_token));
    expect((await person.begins({ ...openid, max_age: '300' })).page.url.origin).toBe(here.origin);
    const { page } = await person.begins({ ...openid, max_age: '0' });
    expect(page.url.origin).toBe(here.company.issuer);
    // By the company's clock, which is this machine's.
    expect(Math.abs(Number(before.auth_time) - Date.now() / 1000)).toBeLessThan(300);
  });

  it('takes a sign-in of the kind that acr_values name, and says so', async () => {
    const person = aPersonOf(here);
    const tokens = await person.connects('ada', { ...openid, acr_values: 'urn:mfa' });
    expect(decodeJwt(String(tokens.id_token)).acr).toBe('urn:mfa');
  });

  it('refuses another one, in words, and with the check in the log', async () => {
    const { person, page } = await arriving(here, { ...openid, acr_values: 'urn:mfa' });
    const refused = await person.enters(page, 'grace');
    expect(said(refused)).toEqual([403, 'This way of signing in is not enough']);
    const line = here.logLines.filter(({ event }) => event === 'identity_provider.refused').at(-1);
    expect(line).toMatchObject({ provider: 'company', check: 'acr', client: here.tool.clientId });
    expect(refused.html).toContain(String(line?.reference));
  });

  it('does not take the session of another kind for it', async () => {
    const person = aPersonOf(here);
    await person.connects('grace');
    const { page } = await person.begins({ ...openid, acr_values: 'urn:mfa' });
    // The company has a session of hers, and answers without a page: with what she is.
    expect(said(page)).toEqual([403, 'This way of signing in is not enough']);
  });
});

describe('the account of somebody who signs in there', () => {
  const claimsOf = (tokens: Record<string, unknown>) => decodeJwt(String(tokens.access_token));
  /** From now on the company says this of one of its people. */
  const tellOf = (name: string, claims: object) => {
    const person = companyPeople[name] as (typeof companyPeople)[string];
    return here.company.tell({ ...companyPeople, [name]: { ...person, claims: { ...person.claims, ...claims } } });
  };

  it('is the same each time, whatever they are called', async () => {
    const first = claimsOf(await aPersonOf(here).connects('grace'));
    await tellOf('grace', { email: 'hopper@example.com', name: '\u202EG.\n\u200BH.' });
    const second = claimsOf(await aPersonOf(here).connects('grace'));
    expect(second.sub).toBe(first.sub);
    const account = await here.server.directory.findAccount(String(first.sub));
    expect(account).toMatchObject({ email: 'hopper@example.com', name: 'G. H.' });
    await here.company.tell(companyPeople);
  });

  it('has what its claims say at each sign-in: a role that is another, an organization that is gone', async () => {
    const tokens = await aPersonOf(here).connects('ada');
    await tellOf('ada', { groups: ['staff'] });
    // Between sign-ins nobody asks the company: the renewal has the role of before.
    const between = await here.tool.refresh(String(tokens.refresh_token));
    expect(claimsOf(between.body)).toMatchObject({ org_role: 'admin' });
    expect(claimsOf(await aPersonOf(here).connects('ada'))).toMatchObject({ org_role: 'viewer' });
    const renewed = await here.tool.refresh(String(between.body.refresh_token));
    expect(claimsOf(renewed.body)).toMatchObject({ org_role: 'viewer' });

    await tellOf('ada', { groups: [] });
    const { person, page } = await arriving(here);
    expect(heading(await person.enters(page))).toBe('You need an organization');
    expect((await here.tool.refresh(String(renewed.body.refresh_token))).body.error).toBe('invalid_grant');
    await here.company.tell(companyPeople);
  });

  it('is refused when the operator has disabled it', async () => {
    const { sub } = claimsOf(await aPersonOf(here).connects('grace'));
    const directory = here.server.directory as LocalDirectory;
    await directory.disableAccount(String(sub));
    const person = aPersonOf(here);
    const refused = await person.enters((await person.begins()).page, 'grace');
    expect(said(refused)).toEqual([403, 'This account cannot be used here']);
    await directory.enableAccount(String(sub));
  });
});

it('asks in the URL where a provider takes no pushed requests, with what the request asked for', async () => {
  await using plain = closing(await theCompany({}, { pushes: false }));
  const person = aPersonOf(plain);
  const wishes = {
    prompt: 'login',
    max_age: '60',
    acr_values: 'urn:mfa urn:pwd',
    login_hint: 'ada',
    ui_locales: 'ko en',
  };
  const { url } = await person.atServer.open(plain.tool.authorizationRequest({ ...openid, ...wishes }).url.href);
  const { state, nonce, code_challenge: challenge, ...rest } = Object.fromEntries(url.searchParams);
  expect(rest).toEqual({
    client_id: 'mcp-auth',
    redirect_uri: `${plain.issuer}/oauth/identity-providers/company/callback`,
    response_type: 'code',
    scope: 'openid email profile groups',
    code_challenge_method: 'S256',
    ...wishes,
    claims: expect.stringContaining('auth_time'),
  });
  for (const secret of [state, nonce, challenge]) expect(String(secret).length).toBeGreaterThanOrEqual(43);
  expect(decodeJwt(String((await person.connects('ada')).access_token))).not.toHaveProperty('amr');
});

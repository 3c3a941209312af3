import type { RequestListener } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { listening } from '../support/listening.ts';
import { asItWas, plantCookies } from '../support/planted.ts';
import { temporaryFolder } from '../support/process.ts';
import { shared } from '../support/shared.ts';
import {
  account,
  errorOf,
  headingOf,
  multiFactor,
  onwardsOf,
  password,
  recoveryCodesOf,
  requestOf,
  startFactors,
  withCode,
} from './factor-fixtures.ts';

describe('where people may have a second factor', () => {
  const here = shared(startFactors);

  it('a password is enough for whoever has none, and the token says that it was one', async () => {
    const someone = here.someone('solo@example.com');
    const { page, approves } = await someone.arrives();
    const { access, id } = await approves(await someone.types(page));
    expect([access.amr, access.acr, id.amr]).toEqual([['pwd'], undefined, ['pwd']]);
  });

  it.each(['a code', 'a passkey alone'])(
    'a session that somebody planted is nobody’s as soon as its victim has shown %s',
    async (way) => {
      const [attacker, victim] = [here.someone('solo@example.com'), here.someone(`${way.length}@example.com`)];
      const { directory } = here.server.server;
      await (directory as LocalDirectory).createAccount({ email: victim.email, name: 'Victim', password });
      await (way === 'a code' ? victim.addsApp() : victim.addsPasskey());
      await attacker.signsIn();
      const browser = plantCookies(attacker.browser, createPlainBrowser(here.server.origin));
      const half = await (way === 'a code'
        ? browser.submit(await browser.open(`${account}/sign-in`), '/sign-in', { email: victim.email, password })
        : browser.open(`${account}/sign-in?use=passkey-alone`));
      const planted = asItWas(here.server.origin, browser);
      const shows = () => ({ credential: victim.key.get(JSON.stringify(requestOf(half).options)) });
      const shown = await browser.submit(half, '/factor', way === 'a code' ? { code: victim.code() } : shows());
      expect(shown.html).toContain('/sign-out"');
      for (const each of [attacker.browser, planted])
        expect((await each.open(account)).url.pathname).toBe(`${account}/sign-in`);
    },
  );

  it('an app is set up on the account page, by a picture or a key, and counts once its code was shown', async () => {
    const someone = here.someone();
    await someone.signsIn();
    const page = await someone.browser.open(`${account}/security/app`);
    expect(page.html).toMatch(
      /<svg class="qr" viewBox="0 0 \d+ \d+" role="img" aria-label="A QR code[^>]*><path d="M\d+ \d+h1v1h-1z/s,
    );
    expect(page.html).toMatch(/"otpauth:\/\/totp\/bkend:demo%40example\.com\?issuer=bkend&amp;secret=[A-Z2-7]{32}/);
    const wrong = await someone.scans(page, { code: '000000', name: 'My phone' });
    expect([wrong.status, errorOf(wrong)]).toEqual([422, expect.stringContaining('This is not the code')]);
    expect((await someone.browser.open(`${account}/security`)).html).toContain('You sign in with your password alone');

    // The same key again: nobody has to scan twice.
    const before = someone.phone.secret;
    const codes = await someone.scans(wrong, { name: 'My phone' });
    expect(someone.phone.secret).toBe(before);
    expect(recoveryCodesOf(codes)).toHaveLength(10);
    const list = (await someone.browser.open(`${account}/security`)).html;
    for (const words of ['My phone', '10 recovery codes are left.']) expect(list).toContain(words);
    expect(list).not.toContain(someone.codes[0]);
    // What was shown just now the session has: it may change what there is.
    const renewing = await someone.browser.open(`${account}/security/recovery-codes`);
    expect(renewing.html).toContain('/security/recovery-codes"');
    const added = { event: 'factor.added', factor: 'app', address: expect.any(String) };
    expect(here.told()).toContainEqual(expect.objectContaining(added));

    const again = here.someone();
    Object.assign(again.phone, someone.phone);
    const flow = await again.arrives();
    const asked = await again.types(flow.page);
    expect(headingOf(asked)).toBe('Enter a code');
    expect(asked.html).toContain('inputmode="numeric" autocomplete="one-time-code"');
    expect(errorOf(await again.shows(asked, { code: '123456' }))).toContain('This code is wrong');
    const { access, id } = await flow.approves(await again.shows(asked));
    expect(access).toMatchObject(withCode);
    expect(id).toMatchObject(withCode);
    const events = ['sign_in.second_step', 'sign_in.factor_refused', 'sign_in'];
    expect(here.told().map(({ event }) => event)).toEqual(expect.arrayContaining(events));

    const recovers = async () => {
      const { browser, arrives, types } = here.someone();
      const flow = await arrives();
      const { url } = await types(flow.page);
      const asking = await browser.open(`${url.pathname}?use=recovery`);
      const page = await browser.submit(asking, '/factor', { code: someone.codes[0] ?? '' });
      return { page, approves: flow.approves };
    };
    const lost = await recovers();
    expect((await lost.approves(lost.page)).access).toMatchObject({ amr: withCode.amr });
    expect(errorOf((await recovers()).page)).toContain('This recovery code is wrong');
  });

  it('a passkey signs in alone, and beside the password; and what it has is shown, and can be removed', async () => {
    const someone = here.someone('new@example.com');
    expect(recoveryCodesOf(await someone.addsPasskey())).toHaveLength(10);
    const page = await someone.browser.open(`${account}/security`);
    expect(page.html).toContain('not used yet');

    const other = { ...here.someone('new@example.com'), key: someone.key };
    const signIn = await other.browser.open(`${account}/sign-in`);
    const href = /href="([^"]*use=passkey-alone)"/.exec(signIn.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const asked = await other.browser.open(href);
    const options = { rpId: 'localhost', userVerification: 'required' };
    expect(requestOf(asked)).toMatchObject({ kind: 'get', options });
    const credential = someone.key.get(JSON.stringify(requestOf(asked).options));
    const inside = await other.browser.submit(asked, '/factor', { credential });
    expect(inside.html).toContain('new@example.com');
    const signedIn = { event: 'sign_in', method: 'passkey', factor: 'passkey' };
    expect(here.told()).toContainEqual(expect.objectContaining(signedIn));

    const second = await other.signsIn();
    expect(requestOf(second).options.allowCredentials).toHaveLength(1);
    const unverified = someone.key.get(JSON.stringify(requestOf(second).options), { verifiesUser: false });
    const again = await other.browser.submit(second, '/factor', { credential: unverified });
    expect(again.html).toContain('new@example.com');

    const remove = /href="([^"]*\/remove)"/.exec((await other.browser.open(`${account}/security`)).html)?.[1] ?? '';
    const confirm = await other.browser.open(remove);
    expect(confirm.html).toContain('It is the last one');
    const removed = await other.browser.submit(confirm, '/remove');
    expect(removed.html).toContain('You sign in with your password alone');
    expect((await here.someone('new@example.com').signsIn()).html).toContain('new@example.com');
  });

  it('a tool that asks for it gets it: acr_values, by setting one up in the flow, and for max_age and prompt=login anew', async () => {
    const someone = here.someone('solo@example.com');
    const client = (await someone.arrives()).client;
    const flow = await someone.arrives({ acr_values: multiFactor }, client);
    const setUp = await someone.types(flow.page);
    expect(headingOf(setUp)).toBe('Set up an authenticator app');
    const codes = await someone.scans(setUp);
    const { access } = await flow.approves(await someone.browser.open(onwardsOf(codes)));
    expect(access).toMatchObject(withCode);

    // Signed in like that: nobody is asked again, unless the tool wants a sign-in of just now.
    expect((await someone.arrives({ acr_values: multiFactor }, client)).page.html).not.toContain('/sign-in"');
    here.pass(120);
    for (const wish of [{ prompt: 'login' }, { max_age: '60' }] as Record<string, string>[]) {
      const again = await someone.arrives(wish, client);
      expect(again.page.html).toContain('/sign-in"');
      const asked = await someone.types(again.page);
      expect(headingOf(asked)).toBe('Enter a code');
      const result = await again.approves(await someone.shows(asked));
      expect(Number(result.access.auth_time)).toBeGreaterThan(Number(access.auth_time));
    }

    // For a passkey only one counts: who has none adds it after showing what there is.
    const strict = await someone.arrives({ acr_values: 'phr', prompt: 'login' }, client);
    const code = await someone.types(strict.page);
    expect([headingOf(code), code.html.includes('use=new-passkey')]).toEqual(['Enter a code', false]);
    const adds = await someone.shows(code);
    expect(headingOf(adds)).toBe('Add a passkey');
    const result = await strict.approves(await someone.touches(adds));
    expect(result.access).toMatchObject({ acr: 'phr', amr: ['pwd', 'otp', 'pop', 'user', 'mfa'] });
    const alone = await someone.arrives({ acr_values: 'phr', prompt: 'login' }, client);
    const offered = await someone.types(alone.page);
    expect([headingOf(offered), offered.html.includes('use=code')]).toEqual(['Use your passkey', false]);
    expect((await alone.approves(await someone.touches(offered))).access).toMatchObject({ acr: 'phr' });
  });

  it('whoever waits too long begins with the password again', async () => {
    const someone = here.someone('solo@example.com');
    const { page } = await someone.arrives();
    const asked = await someone.types(page);
    here.pass(600);
    const late = await someone.shows(asked, { code: '123456', use: 'code' });
    expect(late.html).toContain('/sign-in"');
  });
});

describe('where the operator requires a second factor', () => {
  const here = shared(() => startFactors({ secondFactor: 'required' }));

  it('whoever has none sets one up in the flow, and goes on', async () => {
    const someone = here.someone();
    const flow = await someone.arrives();
    const setUp = await someone.types(flow.page);
    expect(headingOf(setUp)).toBe('Set up an authenticator app');
    const codes = await someone.scans(setUp);
    expect(recoveryCodesOf(codes)).toHaveLength(10);
    const { access } = await flow.approves(await someone.browser.open(onwardsOf(codes)));
    expect(access).toMatchObject({ amr: withCode.amr });
    // The last one stays.
    const list = await someone.browser.open(`${account}/security`);
    expect([list.status, list.html.includes('/remove"')]).toEqual([200, false]);
  });

  it('the same before the account’s pages, with a passkey', async () => {
    const someone = here.someone('solo@example.com');
    const setUp = await someone.signsIn();
    const page = await someone.browser.open(`${account}/sign-in?use=new-passkey`);
    expect([headingOf(setUp), headingOf(page)]).toEqual(['Set up an authenticator app', 'Add a passkey']);
    expect(headingOf(await someone.touches(page))).toBe('Keep your recovery codes');
    expect((await someone.browser.open(account)).html).toContain('solo@example.com');
  });
});

it('an organization may require a second factor: asked for where it is chosen, and set up there', async () => {
  await using here = await startFactors({ secondFactorFor: ['acme'] });
  const someone = here.someone();
  const flow = await someone.arrives();
  const organizations = await someone.types(flow.page);
  const acme = await someone.browser.open(`${organizations.url.pathname}?organization=acme`);
  expect(headingOf(acme)).toContain('Acme');
  expect(acme.html).not.toContain('/consent"');
  expect((await someone.browser.open(`${organizations.url.pathname}?organization=globex`)).html).toContain('/consent"');

  const globex = await someone.arrives();
  const atGlobex = await someone.browser.open(`${globex.page.url.pathname}?organization=globex`);
  const { grant_id: id } = (await globex.approves(atGlobex)).access;
  const move = `${account}/connections/${id}/change?organization=acme`;
  const refused = await someone.browser.open(move);
  expect([refused.status, refused.html.includes(`href="${account}/security"`)]).toEqual([403, true]);

  const setUp = await someone.browser.open(`${organizations.url.pathname}?use=second`);
  expect(headingOf(setUp)).toBe('Set up an authenticator app');
  const codes = await someone.scans(setUp);
  const { access } = await flow.approves(await someone.browser.open(onwardsOf(codes)));
  expect(access).toMatchObject({ org_slug: 'acme', amr: withCode.amr });

  // What was connected for another organization moves there from now on: this session has shown enough.
  expect((await someone.browser.open(move)).html).toContain('/change?organization=acme"');
});

it('where there are none, nothing is asked for and nothing is offered; a token says no more than it is set to', async () => {
  await using here = await startFactors({ secondFactor: 'off', tokenClaims: ['auth_time'] });
  const someone = here.someone();
  const { page, approves } = await someone.arrives({ acr_values: multiFactor });
  expect(page.html).not.toContain('passkey');
  const { access } = await approves(await someone.types(page));
  expect([access.amr, access.acr, typeof access.auth_time]).toEqual([undefined, undefined, 'number']);
  expect((await someone.browser.open(account)).html).not.toContain('/security');
  expect((await someone.browser.open(`${account}/security`)).status).toBe(404);
});

it('whoever is signed in with the password alone, since before more was required, shows it first on every way in', async () => {
  await using folder = await temporaryFolder();
  let answer: RequestListener = () => undefined;
  await using front = await listening((request, response) => answer(request, response));
  const restart = async (signIn: Record<string, unknown> = {}) => {
    const here = await startFactors(signIn, { DATABASE: `${folder.path}/auth.db` }, `${front.origin}/mcp`);
    answer = here.server.server.callback();
    return here;
  };
  await using before = await restart();
  const someone = before.someone();
  const { client, page, approves } = await someone.arrives();
  expect((await approves(await someone.types(page))).access).toMatchObject({ amr: ['pwd'], org_slug: 'acme' });
  const asksSilently = async () => {
    const { searchParams } = (await someone.arrives({ prompt: 'none' }, client)).page.url;
    return [searchParams.get('error'), searchParams.has('code')];
  };

  await using _byOrganization = await restart({ secondFactorFor: ['acme'] });
  expect(await asksSilently()).toEqual(['consent_required', false]);
  const more = await someone.arrives({ scope: 'openid project:read project:create' }, client);
  expect([headingOf(more.page), more.page.html.includes('/consent"')]).toEqual([
    expect.stringContaining('Acme'),
    false,
  ]);

  await using _everybody = await restart({ secondFactor: 'required' });
  expect(await asksSilently()).toEqual(['login_required', false]);
  for (const path of [account, `${account}/security`, `${account}/password`])
    expect((await someone.browser.open(path)).url.pathname).toBe(`${account}/sign-in`);
  // Whoever sits there with that session might be anybody: the password comes first.
  const { page: asked } = await someone.arrives({}, client);
  expect(headingOf(asked)).toBe('Sign in');
  expect(headingOf(await someone.types(asked))).toBe('Set up an authenticator app');
});

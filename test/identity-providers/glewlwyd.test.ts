import { afterAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createInstallation } from '../interop/installation.ts';
import { createSdk1Tool } from '../interop/mcp-sdk-1.ts';
import { realWebBrowser, renewed } from '../interop/real-web-browser.ts';
import { createWire } from '../interop/wire.ts';
import { launchBrowser } from '../support/browser.ts';
import type { LoadedPage } from '../support/browser-without-a-screen.ts';
import { eventually } from '../support/eventually.ts';
import { openBrowserFor } from '../support/person-in-browser.ts';
import { shared } from '../support/shared.ts';
import { hasGlewlwyd, startGlewlwyd } from './glewlwyd.ts';
import { arriving, heading, said, serverWith, type Visitor } from './signing-in.ts';

/** Somebody else's provider, in C, as Debian ships it: what oidc-provider and openid-client may agree on by their common origin. */
const describeWithGlewlwyd = hasGlewlwyd ? describe : describe.skip;

describeWithGlewlwyd('somebody who has an account at glewlwyd (apt-get install glewlwyd)', () => {
  const memberships = [{ emailDomain: 'example.com', organization: 'initrode', role: 'admin' }];
  let glewlwyd: Awaited<ReturnType<typeof startGlewlwyd>>;
  const started = async (issuer: string) => {
    glewlwyd = await startGlewlwyd(issuer, 'glewlwyd', [
      { username: 'ada', name: 'Ada Lovelace', email: 'ada@example.com', verified: true },
      { username: 'mallory', name: 'Mallory', email: 'mallory@example.com', verified: false },
    ]);
    return [{ ...glewlwyd.entry, memberships }];
  };
  const here = shared(() => serverWith(started, { demonstration: true }));
  afterAll(() => glewlwyd?.close());

  const signsIn = async (person: Visitor, { url }: LoadedPage, name: string) =>
    person.follow(await person.atServer.open(await glewlwyd.passes(url, name)));

  it('connects a tool with it, and renews: discovery, a pushed request, PKCE, iss, nonce, userinfo', async () => {
    const { person, page, verifier } = await arriving(here);
    expect([page.url.origin, page.url.pathname]).toEqual([glewlwyd.origin, '/login.html']);
    const consent = await signsIn(person, page, 'ada');
    expect(consent.html).toContain('ada@example.com');
    const { body } = await here.tool.exchange((await person.approves(consent)).url, verifier);
    expect(decodeJwt(String(body.access_token))).toMatchObject({
      sub: expect.stringMatching(/^idp_/),
      org_slug: 'initrode',
      org_role: 'admin',
    });
    expect((await here.tool.refresh(String(body.refresh_token))).status).toBe(200);
  });

  it('is told that it is not enough, where a tool asks when they signed in: glewlwyd says 0', async () => {
    const { person, page } = await arriving(here, { scope: 'openid project:read', prompt: 'login' });
    const refused = await signsIn(person, page, 'ada');
    expect(said(refused)).toEqual([403, 'This way of signing in is not enough']);
  });

  it('signs out there, too, who signs out here', async () => {
    const { person, page } = await arriving(here);
    await signsIn(person, page, 'ada');
    const asked = await person.atServer.open(`${here.issuer}/oauth/account/sign-out`);
    const there = await person.atServer.submit(asked, '/sign-out');
    expect(there.url.href).toContain(`${glewlwyd.origin}/api/oidc/end_session?`);
    expect(Object.fromEntries(there.url.searchParams)).toMatchObject({
      id_token_hint: expect.stringMatching(/^eyJ/),
      post_logout_redirect_uri: `${here.issuer}/oauth/identity-providers/glewlwyd/signed-out`,
    });
  });

  it('signs in on its own page in a real browser, from the 401 to the renewal, and is signed out here by what it tells', async () => {
    await using chromium = await launchBrowser();
    const ada = await openBrowserFor(chromium, 'ada@example.com');
    const passes = async (url: string) => {
      await ada.opens(url);
      await ada.page.locator('#username').fill('ada');
      await ada.page.locator('#password').fill(glewlwyd.passwordOf('ada'));
      await ada.page.getByRole('button', { name: 'OK' }).click();
      await ada.page.getByRole('button', { name: 'Continue' }).click();
      await ada.page.waitForURL(`${here.origin}/**`);
    };
    const browser = await realWebBrowser(ada, async (url) => {
      await passes(url.href);
      expect(await ada.reads()).toContain('ada@example.com');
      await ada.approves();
    });
    const installation = createInstallation();
    await using tool = createSdk1Tool({ url: new URL(here.issuer), installation, browser, wire: createWire() });
    expect(await tool.call('whoami')).toMatchObject({ organization: { slug: 'initrode', role: 'admin' } });
    expect(await renewed(tool, installation)).toMatchObject({ organization: { slug: 'initrode' } });

    // In the same browser once more, as if it had another one: two sessions here, of one session there.
    const account = `${here.issuer}/oauth/account`;
    const first = await ada.page.context().cookies(account);
    const isSignedIn = async () => {
      const cookie = first.map(({ name, value }) => `${name}=${value}`).join('; ');
      return (await fetch(account, { redirect: 'manual', headers: { cookie } })).status === 200;
    };
    expect(await isSignedIn()).toBe(true);
    await ada.page.context().clearCookies({ name: /^(?!GLEWLWYD)/ });
    await ada.opens(account);
    await ada.page.getByRole('button', { name: 'Continue' }).click();
    await ada.page.waitForURL(`${here.origin}/**`);
    await ada.opens(`${account}/sign-out`);
    await ada.page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await ada.page.getByRole('button', { name: 'Logout' }).click();
    await eventually(async () => !(await isSignedIn()));
    expect(here.logLines.find(({ event }) => event === 'identity_provider.logout')).toMatchObject({ status: 200 });
  });

  it('has no organization by the domain of an email that nobody has verified', async () => {
    const { person, page } = await arriving(here);
    expect(heading(await signsIn(person, page, 'mallory'))).toBe('You need an organization');
  });
});

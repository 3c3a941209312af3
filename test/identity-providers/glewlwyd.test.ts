import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { Rest } from '../support/browser-without-a-screen.ts';
import { hasGlewlwyd, startGlewlwyd } from './glewlwyd.ts';
import { aPersonOf, type Here, heading, serverWith, type Visitor } from './signing-in.ts';

/** Somebody else's provider, in C, as Debian ships it: what oidc-provider and openid-client may agree on by their common origin. */
const describeWithGlewlwyd = hasGlewlwyd ? describe : describe.skip;

describeWithGlewlwyd('somebody who has an account at glewlwyd (apt-get install glewlwyd)', () => {
  let glewlwyd: Awaited<ReturnType<typeof startGlewlwyd>>;
  let here: Here;
  beforeAll(async () => {
    here = await serverWith(async (issuer) => {
      glewlwyd = await startGlewlwyd(issuer, 'glewlwyd', [
        { username: 'ada', name: 'Ada Lovelace', email: 'ada@example.com', verified: true },
        { username: 'mallory', name: 'Mallory', email: 'mallory@example.com', verified: false },
      ]);
      return [
        {
          ...glewlwyd.entry,
          memberships: [{ emailDomain: 'example.com', organization: 'initrode', role: 'admin' }],
        },
      ];
    });
  });
  afterAll(async () => {
    await here?.close();
    await glewlwyd?.close();
  });

  const signsIn = async (person: Visitor, { url }: Rest, name: string) =>
    person.follow(await person.atServer.open(await glewlwyd.passes(url, name)));

  it('connects a tool with it, and renews: discovery, a pushed request, PKCE, iss, nonce, userinfo', async () => {
    const person = aPersonOf(here);
    const { page, verifier } = await person.begins();
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
    const person = aPersonOf(here);
    const { page } = await person.begins({ scope: 'openid project:read', prompt: 'login' });
    const refused = await signsIn(person, page, 'ada');
    expect([refused.status, heading(refused)]).toEqual([403, 'This way of signing in is not enough']);
  });

  it('signs out there, too, who signs out here', async () => {
    const person = aPersonOf(here);
    await signsIn(person, (await person.begins()).page, 'ada');
    const asked = await person.atServer.open(`${here.issuer}/oauth/account/sign-out`);
    const there = await person.atServer.submit(asked, '/sign-out');
    expect(there.url.href).toContain(`${glewlwyd.origin}/api/oidc/end_session?`);
    expect(Object.fromEntries(there.url.searchParams)).toMatchObject({
      id_token_hint: expect.stringMatching(/^eyJ/),
      post_logout_redirect_uri: `${here.issuer}/oauth/identity-providers/glewlwyd/signed-out`,
    });
  });

  it('has no organization by the domain of an email that nobody has verified', async () => {
    const person = aPersonOf(here);
    const { page } = await person.begins();
    expect(heading(await signsIn(person, page, 'mallory'))).toBe('You need an organization');
  });
});

import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { startScriptedProvider } from '../identity-providers/scripted-provider.ts';
import { entryFor, linkOf } from '../identity-providers/signing-in.ts';
import { createPlainBrowser, type LoadedPage } from '../support/browser-without-a-screen.ts';
import { shared } from '../support/shared.ts';
import { aPersonOf, now, theHandOff } from './hand-off.ts';

/** A console that has the accounts, and an identity provider for people who have none there. */
const provider = shared(startScriptedProvider);
const here = shared(() => {
  const memberships = [{ emailDomain: 'scripted.example', organization: 'initrode', role: 'viewer' }];
  const entry = entryFor(provider, { id: 'partner', button: 'The partner', memberships });
  return theHandOff({
    directory: { button: 'Your Example account' },
    policy: { identityProviders: [entry], signIn: { tokenClaims: ['amr', 'acr', 'auth_time'] } },
  });
});
const claimsOf = (body: Record<string, unknown>) => decodeJwt(String(body.access_token));

async function begins(parameters: Record<string, string | undefined> = {}) {
  const person = aPersonOf(here);
  return { person, ...(await person.begins(parameters)) };
}

/** Chosen on the page; as far as the console. */
async function choosesConsole(page: LoadedPage, person: ReturnType<typeof aPersonOf>) {
  const { url } = await person.atServer.open(linkOf(page, 'Your Example account'));
  return person.follow(await person.atConsole.open(url.href));
}

/** The console is chosen, and says this of whoever comes; back at our server. */
async function comesFromConsole({ page, person }: Awaited<ReturnType<typeof begins>>, said: object) {
  return person.opens(await here.accepts(await choosesConsole(page, person), said));
}

describe('a console and an identity provider at once', () => {
  it('are two buttons, and no password is asked for', async () => {
    const { page } = await begins();
    expect(page.url.origin).toBe(here.origin);
    for (const button of ['Your Example account', 'The partner']) expect(linkOf(page, button)).toContain('with=');
    expect(page.html).not.toMatch(/type="password"|name="email"/);
  });

  it('sign in who chooses the console: what it says of how is in the token, where that is set', async () => {
    const flow = await begins();
    const said = { amr: ['pwd', 'otp'], acr: 'urn:example:mfa', auth_time: now() - 100 };
    const consent = await comesFromConsole(flow, { account: { id: 'u_2' }, ...said });
    const { body } = await here.tool.exchange((await flow.person.approves(consent)).url, flow.verifier);
    expect(claimsOf(body)).toMatchObject({ ...said, sub: 'u_2', org_slug: 'acme' });
    const { body: renewed } = await here.tool.refresh(String(body.refresh_token));
    expect(claimsOf(renewed)).toMatchObject({ ...said, sub: 'u_2' });
  });

  it('sign in who chooses the provider: an account of its own, whose organization is none of the console', async () => {
    const { person, page, verifier } = await begins();
    const { url } = await person.atServer.open(linkOf(page, 'The partner'));
    const back = (await createPlainBrowser(provider.issuer).open(url.href)).url;
    const consent = await person.opens(back.href);
    const { body } = await here.tool.exchange((await person.approves(consent)).url, verifier);
    const { sub, org_slug, org_role } = claimsOf(body);
    expect([sub, org_slug, org_role]).toEqual([expect.stringMatching(/^idp_/), 'initrode', 'viewer']);
    // The console is asked about none of it: it may be away.
    await here.stopConsole();
    const renewed = await here.tool.refresh(String(body.refresh_token));
    expect([renewed.status, claimsOf(renewed.body).org_slug]).toEqual([200, 'initrode']);
    await here.startConsole();

    // Nor can the console name such an account.
    const refused = await comesFromConsole(await begins(), { account: { id: sub } });
    expect([refused.status, refused.html]).toEqual([403, expect.stringContaining('This account cannot be used here')]);
  });

  it('lead who uses another account to the choice', async () => {
    const flow = await begins();
    const consent = await comesFromConsole(flow, { account: { id: 'u_2' } });
    const choice = await flow.person.atServer.open(linkOf(consent, 'Use another account'));
    expect(linkOf(choice, 'The partner')).toContain('account=another');
    const { url } = await flow.person.atServer.open(linkOf(choice, 'Your Example account'));
    expect([url.origin, url.searchParams.get('prompt')]).toEqual([here.consoleOrigin, 'select_account']);
  });
});

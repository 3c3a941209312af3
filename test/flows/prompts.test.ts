import { describe, expect, it } from '@jest/globals';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { createPrompts } from '../../src/provider/prompts.ts';
import { createPerson, type Person } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);
const client = shared(() => registerClient(server.issuer));

/** Somebody who has connected a tool before, in this very browser. */
async function signedIn(): Promise<Person> {
  const person = createPerson(server.origin);
  await person.approves(client.authorizationRequest().url);
  return person;
}

const opens = (person: Person, prompt: string) => person.browser.open(client.authorizationRequest({ prompt }).url.href);

describe('prompt (OpenID Connect Core §3.1.2.1, R40)', () => {
  it('login asks for the password again', async () => {
    expect((await opens(await signedIn(), 'login')).html).toContain('/sign-in"');
  });

  it('consent, or nothing, asks for approval only', async () => {
    const person = await signedIn();
    for (const prompt of ['consent', '']) expect((await opens(person, prompt)).html).toContain('?organization=acme');
  });

  it('select_account lets the person keep the account, then choose the organization', async () => {
    const person = await signedIn();
    const { html, url } = await opens(person, 'select_account');
    expect(html).toContain('demo@example.com');
    expect(html).toContain(`href="${url.pathname}?organization="`);
    expect((await person.browser.open(`${url.pathname}?organization=`)).html).toContain('Choose an organization');
  });

  it('select_account lets the person take another account', async () => {
    const person = await signedIn();
    const rest = await opens(person, 'select_account');
    const next = await person.browser.submit(rest, '/sign-in', {
      email: 'solo@example.com',
      password: 'demo-password',
    });
    expect(next.html).toContain('Initech');
  });

  it('select_account asks once: who just signed in has chosen', async () => {
    const person = createPerson(server.origin);
    const rest = await opens(person, 'select_account');
    const next = await person.browser.submit(rest, '/sign-in', {
      email: 'demo@example.com',
      password: 'demo-password',
    });
    expect(next.html).toContain('Choose an organization');
  });

  it('none never approves anything silently', async () => {
    const { url } = await opens(await signedIn(), 'none');
    expect(url.searchParams.get('error')).toBe('consent_required');
  });

  it('that nobody supports is ignored', async () => {
    expect((await opens(await signedIn(), 'create')).html).toContain('?organization=acme');
  });

  it('none says that somebody has to sign in once more where the session counts no more (OIDC Core §3.1.2.6)', async () => {
    const askSilently = async ({ browser }: Person) =>
      (await browser.open(client.authorizationRequest({ prompt: 'none' }).url.href)).url.searchParams.get('error');
    const directory = server.server.directory as LocalDirectory;
    const credentials = { email: 'silent@example.com', password: 'demo-password' };
    const acme = await directory.findOrganizationBySlug('acme');
    const memberships = [{ organizationId: acme?.id ?? '', role: 'member' }];
    const { id } = await directory.createAccount({ ...credentials, name: 'Silent', memberships });
    const [here, there] = [createPerson(server.origin, credentials), createPerson(server.origin, credentials)];
    for (const each of [here, there]) await each.approves(client.authorizationRequest().url);
    expect(await askSilently(here)).toBe('consent_required');

    const everywhere = await there.browser.open('/mcp/oauth/account/sign-out/everywhere');
    await there.browser.submit(everywhere, '/everywhere');
    expect(await askSilently(here)).toBe('login_required');

    await here.approves(client.authorizationRequest().url);
    expect(await askSilently(here)).toBe('consent_required');
    await directory.disableAccount(id);
    expect(await askSilently(here)).toBe('login_required');
  });

  it('none says so for each reason to sign in', () => {
    const { checks } = createPrompts({ hasSignedOut: async () => false, isOfConsole: () => true }).get('login') ?? {};
    const errors = new Map([...(checks ?? [])].map(({ reason, error }) => [reason, error]));
    for (const reason of ['no_session', 'max_age', 'account_gone', 'signed_out', 'console', 'second_factor', 'acr'])
      expect([reason, errors.get(reason)]).toEqual([reason, 'login_required']);
  });
});

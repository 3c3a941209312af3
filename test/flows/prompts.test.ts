import { describe, expect, it } from '@jest/globals';
import { createPrompts } from '../../src/provider/prompts.ts';
import { createMember } from '../support/member.ts';
import { createPerson, type Person } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);
const client = shared(() => registerClient(server.issuer));

/** Somebody who has connected a tool before, in this very browser. */
async function signedIn(credentials = {}): Promise<Person> {
  const person = createPerson(server.origin, credentials);
  await person.approves(client.authorizationRequest().url);
  return person;
}

const opens = (person: Person, prompt: string) => person.browser.open(client.authorizationRequest({ prompt }).url.href);
const errorOfNone = async (person: Person) => (await opens(person, 'none')).url.searchParams.get('error');
const selectsAccount = async (person: Person, email: string) =>
  person.browser.submit(await opens(person, 'select_account'), '/sign-in', { email, password: 'demo-password' });

describe('prompt (OpenID Connect Core §3.1.2.1, R40)', () => {
  it.each([
    ['login asks for the password again', 'login', '/sign-in"'],
    ['consent asks for approval only', 'consent', '?organization=acme'],
    ['nothing asks for approval only', '', '?organization=acme'],
    ['that nobody supports is ignored', 'create', '?organization=acme'],
  ])('%s', async (_what, prompt, shown) => expect((await opens(await signedIn(), prompt)).html).toContain(shown));

  it('select_account lets the person keep the account, then choose the organization', async () => {
    const person = await signedIn();
    const { html, url } = await opens(person, 'select_account');
    expect(html).toContain('demo@example.com');
    expect(html).toContain(`href="${url.pathname}?organization="`);
    expect((await person.browser.open(`${url.pathname}?organization=`)).html).toContain('Choose an organization');
  });

  it('select_account lets the person take another account', async () => {
    expect((await selectsAccount(await signedIn(), 'solo@example.com')).html).toContain('Initech');
  });

  it('select_account asks once: who just signed in has chosen', async () => {
    const next = await selectsAccount(createPerson(server.origin), 'demo@example.com');
    expect(next.html).toContain('Choose an organization');
  });

  it('none says that somebody has to sign in once more where the session counts no more (OIDC Core §3.1.2.6)', async () => {
    const { credentials, isDisabled } = await createMember(server, 'silent', { role: 'member' });
    const [here, there] = [await signedIn(credentials), await signedIn(credentials)];
    expect(await errorOfNone(here)).toBe('consent_required');

    const everywhere = await there.browser.open('/mcp/oauth/account/sign-out/everywhere');
    await there.browser.submit(everywhere, '/everywhere');
    expect(await errorOfNone(here)).toBe('login_required');

    await here.approves(client.authorizationRequest().url);
    expect(await errorOfNone(here)).toBe('consent_required');
    await isDisabled();
    expect(await errorOfNone(here)).toBe('login_required');
  });

  it.each(['no_session', 'max_age', 'account_gone', 'signed_out', 'console', 'second_factor', 'acr'])(
    'none says so for each reason to sign in: %s',
    (reason) => {
      const { checks } = createPrompts({ hasSignedOut: async () => false, isOfConsole: () => true }).get('login') ?? {};
      expect([...(checks ?? [])].find((check) => check.reason === reason)?.error).toBe('login_required');
    },
  );
});

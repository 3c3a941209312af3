import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPerson, type Person } from '../support/person.ts';
import { type RelyingParty, registerClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let client: RelyingParty;
beforeAll(async () => {
  server = await startServer();
  client = await registerClient(server.issuer);
});
afterAll(() => server.close());

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
});

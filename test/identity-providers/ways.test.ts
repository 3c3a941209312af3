import { afterAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { demonstrationPassword } from '../../src/directory/index.ts';
import type { LoadedPage } from '../support/browser-without-a-screen.ts';
import { shared } from '../support/shared.ts';
import { type Company, startCompany } from './company.ts';
import {
  aPersonOf,
  arriving,
  entryFor,
  heading,
  linkOf,
  said,
  serverWith,
  staffRules,
  type Visitor,
} from './signing-in.ts';

/** Accounts here with passwords, a company that has a domain, and a partner that may say who somebody is by email. */
let company: Company;
let partner: Company;
async function bothOf(issuer: string) {
  [company, partner] = await Promise.all([startCompany(issuer), startCompany(issuer, { id: 'partner' })]);
  await partner.tell({
    demo: { sub: 'p-1', claims: { email: 'demo@example.com', email_verified: true, name: 'D.' } },
    mallory: { sub: 'p-6', claims: { email: 'owner@example.com', email_verified: false, name: 'M.' } },
    foreign: { sub: 'p-7', claims: { email: 'ceo@example.org', email_verified: true, name: 'F.' } },
  });
  const admins = { claim: 'groups', value: 'mcp-admins', organization: 'globex', role: 'viewer' };
  const memberships = [...staffRules, admins];
  const requiredFor = ['acme-works', 'globex'];
  return [
    entryFor(company, { button: 'The company', domains: ['example.org'], memberships, requiredFor }),
    entryFor(partner, { id: 'partner', button: 'The partner', linkByEmail: true }),
  ];
}
const here = shared(() => serverWith(bothOf, { demonstration: true, changes: { signIn: { passwords: true } } }));
afterAll(() => Promise.all([company.close(), partner.close()]));

const types = (person: Visitor, page: LoadedPage, fields: Record<string, string>) =>
  person.atServer.submit(page, '/sign-in', fields).then(person.follow);

describe('several ways in', () => {
  it('are buttons, after the email of which one of them may have the domain', async () => {
    const { page } = await arriving(here);
    expect([page.url.origin, heading(page)]).toEqual([here.origin, expect.stringContaining('Sign in')]);
    for (const button of ['The company', 'The partner']) expect(linkOf(page, button)).toContain('with=');
    expect(page.html).not.toContain('type="password"');
  });

  it('lead who has an email of the domain to its provider, with it; nobody is asked for a password', async () => {
    const { person, page } = await arriving(here);
    const there = await types(person, page, { email: 'Ada@Example.ORG' });
    expect(there.url.origin).toBe(company.issuer);
    expect(there.html).toContain('value="Ada@Example.ORG"');
    expect((await person.enters(there)).html).toContain('Choose an organization');
  });

  it('ask everybody else for the password', async () => {
    const { person, page } = await arriving(here);
    const asked = await types(person, page, { email: 'demo@example.com' });
    expect(asked.html).toContain('type="password"');
    const signedIn = await types(person, asked, { email: 'demo@example.com', password: demonstrationPassword });
    expect(signedIn.html).toMatch(/Authorize|Choose an organization/);
  });

  it('never take a password for an email of the domain, right or wrong', async () => {
    const { person, page } = await arriving(here);
    const there = await types(person, page, { email: 'somebody@example.org', password: 'guessed' });
    expect(there.url.origin).toBe(company.issuer);
  });

  it('are both there after one of them did not sign somebody in', async () => {
    const { person, page } = await arriving(here);
    const refused = await person.follow(await person.cancels(await person.presses(page, 'The company')));
    expect(refused.status).toBe(403);
    const choice = await person.presses(refused, 'Sign in another way');
    expect(linkOf(choice, 'The partner')).toContain('with=partner');
  });

  it('are on the sign-in page of the account, too, and lead back to it', async () => {
    const person = aPersonOf(here);
    const asked = await person.atServer.open(`${here.issuer}/oauth/account`);
    const there = await person.presses(asked, 'The company');
    const account = await person.enters(there);
    expect(account.url.pathname).toBe('/mcp/oauth/account');
    expect(account.html).toContain('ada@example.com');
  });
});

describe('an account that was there before', () => {
  const lastSignIn = () => here.logLines.findLast(({ event }) => event === 'identity_provider.signed_in');
  const arrivesFrom = async (button: string, name: string) => {
    const { person, page, verifier } = await arriving(here, { organization: 'acme' });
    const there = await person.presses(page, button);
    return { person, verifier, page: await person.enters(there, name) };
  };

  it('is found by the email that the partner has verified, with its organizations', async () => {
    const { page } = await arrivesFrom('The partner', 'demo');
    expect(page.html).toContain('demo@example.com');
    expect(page.html).not.toContain('You need an organization');
    expect(lastSignIn()).toMatchObject({ how: 'linked', account: expect.stringMatching(/^acc_/) });
  });

  it.each([
    ['the partner’s person whose email nobody has verified', 'The partner', 'mallory'],
    ['the partner’s person whose email is of another provider’s domain', 'The partner', 'foreign'],
    ['the company’s person, where it is not configured to', 'The company', 'mallory'],
  ])('is not taken over by %s', async (_name, button, name) => {
    const { page } = await arrivesFrom(button, name);
    expect(heading(page)).toBe('You need an organization');
    expect(lastSignIn()).toMatchObject({ how: 'created', account: expect.stringMatching(/^idp_/) });
  });
});

describe('an organization that wants its people to sign in at its own provider', () => {
  it('asks who signed in another way to, before its consent; and then it is about that organization', async () => {
    const { person, page, verifier } = await arriving(here, { organization: 'globex' });
    const there = await person.presses(page, 'The partner');
    const asked = await person.enters(there, 'demo');
    expect(said(asked)).toEqual([200, expect.stringMatching(/^Sign in for/)]);
    expect(asked.html).not.toContain('name="scope"');
    const company = await person.presses(asked, 'The company');
    const consent = await person.enters(company);
    expect(consent.html).toContain('Authorize');
    const { body } = await here.tool.exchange((await person.approves(consent)).url, verifier);
    expect(decodeJwt(String(body.access_token))).toMatchObject({ org_slug: 'globex', org_role: 'viewer' });
  });

  it('is asked for again when the form is sent without it, and when a connection is moved there', async () => {
    const { person, page, verifier } = await arriving(here, { organization: 'acme' });
    const consent = await person.enters(await person.presses(page, 'The partner'), 'demo');
    const refused = await person.atServer.submit(consent, '/consent', { organization: 'globex' });
    expect(heading(refused)).toMatch(/^Sign in for/);
    const back = await person.atServer.open(`${refused.url.pathname}?organization=acme`);
    const { body } = await here.tool.exchange((await person.approves(back)).url, verifier);
    const { grant_id: connection } = decodeJwt<{ grant_id: string }>(String(body.access_token));
    const change = `${here.issuer}/oauth/account/connections/${connection}/change`;
    const moved = await person.atServer.open(`${change}?organization=globex`);
    expect(said(moved)).toEqual([403, expect.stringMatching(/^Sign in for/)]);
    const form = await person.atServer.open(`${change}?organization=acme`);
    const sent = await person.atServer.submit(
      { ...form, html: form.html.replaceAll('organization=acme', 'organization=globex') },
      '/change',
      { organization: 'globex' },
    );
    expect(said(sent)).toEqual([403, expect.stringMatching(/^Sign in for/)]);
  });
});

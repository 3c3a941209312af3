import { beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { shared } from '../support/shared.ts';
import { type GitHubPerson, startGitHub } from './github.ts';
import { aPersonOf, arriving, said, serverWith } from './signing-in.ts';

const github = shared(startGitHub);
const scopes = ['read:user', 'user:email', 'read:org'];
const memberships = [{ claim: 'organizations', value: 'Initrode', organization: 'initrode', role: 'admin' }];
const here = shared(() => serverWith(() => [{ ...github.entry, scopes, memberships }]));
const primary = (email: string) => [{ email, primary: true, verified: true }];
const ada: GitHubPerson = {
  id: 7,
  login: 'ada',
  name: 'Ada Lovelace',
  emails: [{ email: 'old@example.com', primary: false, verified: true }, ...primary('Ada@Example.com')],
  organizations: ['Initrode', 'other'],
};
beforeEach(() => {
  github.is(ada);
  github.unlimited();
});

const line = () => here.logLines.filter(({ event }) => event === 'identity_provider.refused').at(-1);

describe('somebody who has an account at GitHub', () => {
  it('connects a tool with it: by the number of the account, the primary email, and its organizations', async () => {
    const connects = async () => decodeJwt(String((await aPersonOf(here).connects('ada')).access_token));
    const claims = await connects();
    expect(claims).toMatchObject({ sub: expect.stringMatching(/^idp_/), org_slug: 'initrode', org_role: 'admin' });
    const account = { email: 'ada@example.com', name: 'Ada Lovelace' };
    expect(await here.server.directory.findAccount(String(claims.sub))).toMatchObject(account);
    const asked = Object.fromEntries(github.asked.at(-1)?.searchParams ?? []);
    expect(asked).toMatchObject({ code_challenge_method: 'S256', scope: 'read:user user:email read:org' });
    expect(asked).not.toHaveProperty('nonce');

    // Given up, renamed, and another email: it is the same account. Taken by somebody else: it is another one.
    github.is({ ...ada, login: 'lovelace', emails: primary('l@example.com') });
    const renamed = await connects();
    github.is({ ...ada, id: 8 });
    const taken = await connects();
    expect([renamed.sub === claims.sub, taken.sub === claims.sub]).toEqual([true, false]);
  });

  const unverified = 'Your email is not verified';
  const [email] = primary('a@b.c');
  it.each<[string, GitHubPerson, string, string]>([
    ['no primary email that is verified', { emails: [{ ...email, verified: false }] }, unverified, 'primary email'],
    [
      'a verified email that is not the primary one',
      { emails: [{ ...email, primary: false }] },
      unverified,
      'primary email',
    ],
    ['no emails', { emails: [] }, unverified, 'primary email'],
    ['emails that are none', { emails: { email: 'a@b.c' } }, 'did not sign you in', '/user/emails: form'],
    ['no number', { id: 'ada' }, 'did not sign you in', '/user: id'],
  ])('is not signed in with %s', async (_name, changes, words, check) => {
    github.is({ ...ada, ...changes });
    const { page: refused } = await arriving(here);
    expect(said(refused)).toEqual([403, expect.stringContaining(words)]);
    expect(line()).toMatchObject({ provider: 'github', check });
  });

  it.each<[number, Record<string, string>, number, string]>([
    [429, {}, 503, 'does not answer'],
    [403, { 'x-ratelimit-remaining': '0' }, 503, 'does not answer'],
    [502, {}, 503, 'does not answer'],
    [403, {}, 403, 'did not sign you in'],
  ])('reads why, where GitHub answers %i %j', async (status, headers, shown, words) => {
    github.limits(status, headers);
    const { person, page: refused } = await arriving(here);
    expect(said(refused)).toEqual([shown, expect.stringContaining(words)]);
    github.unlimited();
    expect((await person.presses(refused, 'Try again')).html).toContain('Authorize');
  });

  it('may use another one: GitHub is asked to let them choose, and the account is whom it then names', async () => {
    const person = aPersonOf(here);
    await person.connects('ada');
    expect(github.asked.at(-1)?.searchParams.has('prompt')).toBe(false);
    const { page } = await person.begins();
    expect(page.html).toContain('ada@example.com');
    github.is({ ...ada, id: 9, login: 'grace', emails: primary('grace@example.com') });
    const consent = await person.presses(page, 'Use another account');
    expect(github.asked.at(-1)?.searchParams.get('prompt')).toBe('select_account');
    expect(consent.html).toContain('grace@example.com');
    expect(consent.html).not.toContain('ada@example.com');
  });

  it('is told that it is not enough, where a tool asks when or how they signed in: GitHub never says', async () => {
    for (const parameters of [{ prompt: 'login' }, { max_age: '60' }, { acr_values: 'urn:mfa' }]) {
      const signedIn = aPersonOf(here);
      await signedIn.connects('ada');
      for (const person of [aPersonOf(here), signedIn]) {
        const refused = (await person.begins({ scope: 'openid project:read', ...parameters })).page;
        expect(said(refused)).toEqual([403, 'This way of signing in is not enough']);
      }
    }
  });

  it('leaves neither the token nor the secret in the log', () => {
    expect(JSON.stringify(here.logLines)).not.toMatch(/gho_|gh secret|gh-\d/);
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { createPlainBrowser, heading } from '../support/browser-without-a-screen.ts';
import type { Connected } from '../support/connect.ts';
import { findCookie } from '../support/cookies.ts';
import { shared } from '../support/shared.ts';
import { account, hrefOf, password, people, type Role, startAccountFixtures, valueOn } from './account-fixtures.ts';

const home = shared(() => startAccountFixtures());
const grace = shared(() => home.signedIn('member'));
let connection: Connected;
beforeEach(async () => {
  connection = await home.connects('member');
});

const signInForm = `${account}/sign-in`;
const signOutForm = `${account}/sign-out`;
const ofSomebodySignedIn = async (who: Role) => valueOn(await (await home.signedIn(who)).opens(signOutForm));

describe.each<[string, () => string, Record<string, string>]>([
  ['rename', () => hrefOf(connection, 'rename'), { label: 'Taken' }],
  ['change', () => hrefOf(connection, 'change'), { organization: 'acme', scope: 'project:read' }],
  ['disconnect', () => hrefOf(connection, 'disconnect'), {}],
  ['disconnect all', () => `${account}/clients/disconnect?client=name%3AA%20tool`, {}],
  ['end for the organization', () => `${account}/organizations/acme/connections/x/disconnect`, {}],
  ['sign out', () => signOutForm, {}],
  ['sign out everywhere', () => `${account}/sign-out/everywhere`, {}],
])('the form to %s', (_name, path, fields) => {
  it.each<[string, () => Promise<string | undefined>]>([
    ['without an anti-forgery value', async () => undefined],
    ['with an empty one', async () => ''],
    ['with the one of another person', () => ofSomebodySignedIn('owner')],
    ['with the one of another session of the same person', () => ofSomebodySignedIn('member')],
    ['with the one of a sign-in form', async () => valueOn(await grace.opens(signInForm))],
  ])('is refused %s', async (_case, value) => {
    const csrf = await value();
    const before = await home.kept(connection);
    const answer = await grace.posts(path(), { ...fields, ...(csrf !== undefined && { csrf }) });

    expect([answer.status, heading(answer)]).toEqual([403, 'This page is out of date']);
    expect(await home.kept(connection)).toEqual(before);
    expect(heading(await grace.opens(account))).toBe('Your connections');
  });

  it('is refused from another site, whatever it carries', async () => {
    const csrf = valueOn(await grace.opens(signOutForm));
    const answer = await grace.posts(path(), { ...fields, csrf }, { 'Sec-Fetch-Site': 'cross-site' });
    expect(answer.status).toBe(403);
    expect(await home.kept(connection)).toBeDefined();
  });
});

describe('the form to sign in', () => {
  const credentials = { email: people.owner, password };
  const ofAnotherBrowser = async () => valueOn(await createPlainBrowser(home.server.origin).open(signInForm));

  it.each<[string, () => Promise<string | undefined>]>([
    ['without an anti-forgery value', async () => undefined],
    ['with the one of another browser', ofAnotherBrowser],
  ])('is refused %s: nobody is signed in to an account of somebody else', async (_case, value) => {
    const visitor = home.comes('viewer');
    await visitor.opens(signInForm);
    const csrf = await value();
    const answer = await visitor.posts(signInForm, { ...credentials, ...(csrf && { csrf }) });

    expect(answer.status).toBe(403);
    expect(heading(await visitor.opens(account))).toBe('Sign in');
  });

  it('is refused when its cookie was made by somebody else than this server', async () => {
    const visitor = home.comes('viewer');
    const csrf = valueOn(await visitor.opens(signInForm));
    const cookies = visitor.browser.cookies as Map<string, { value: string; path: string }>;
    const { key = '', path = '' } = findCookie(visitor.browser, 'browser') ?? {};
    expect(cookies.has(key)).toBe(true);
    cookies.set(key, { value: 'chosen', path });
    expect((await visitor.posts(signInForm, { ...credentials, csrf })).status).toBe(403);
  });
});

it('a page of the account sends forms nowhere else, is kept by nobody and framed by nobody', async () => {
  const { headers } = await grace.opens(account);
  expect(headers.get('Content-Security-Policy')).toContain("form-action 'self'");
  expect(headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'");
  expect(headers.get('Cache-Control')).toBe('no-store');
});

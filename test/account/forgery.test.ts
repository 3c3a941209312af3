import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createPlainBrowser, heading, type Rest } from '../support/browser-without-a-screen.ts';
import type { Connected } from '../support/connect.ts';
import { findCookie } from '../support/cookies.ts';
import {
  type AccountBrowser,
  type AccountFixtures,
  hrefOf,
  password,
  people,
  startAccountFixtures,
} from './account-fixtures.ts';

let home: AccountFixtures;
let grace: AccountBrowser;
let connection: Connected;
beforeAll(async () => {
  home = await startAccountFixtures();
  grace = await home.signedIn('member');
});
beforeEach(async () => {
  connection = await home.connects('member');
});
afterAll(async () => home[Symbol.asyncDispose]());

const valueOn = ({ html }: Rest) => /name="csrf" value="([^"]*)"/.exec(html)?.[1] ?? '';

/** Sends a form as another page would: with the browser's cookies, and whatever value that page knows. */
function send(
  person: AccountBrowser,
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
) {
  const html = `<form action="${path}"></form>`;
  const page = { url: new URL(home.server.origin), status: 200, headers: new Headers(), html };
  return person.browser.submit(page, path, fields, headers);
}

const forms: [string, () => string, Record<string, string>][] = [
  ['rename', () => hrefOf(connection, 'rename'), { label: 'Taken' }],
  ['change', () => hrefOf(connection, 'change'), { organization: 'acme', scope: 'project:read' }],
  ['disconnect', () => hrefOf(connection, 'disconnect'), {}],
  ['disconnect all', () => '/mcp/oauth/account/clients/disconnect?client=name%3AA%20tool', {}],
  ['end for the organization', () => `/mcp/oauth/account/organizations/acme/connections/x/disconnect`, {}],
  ['sign out', () => '/mcp/oauth/account/sign-out', {}],
  ['sign out everywhere', () => '/mcp/oauth/account/sign-out/everywhere', {}],
];

describe.each(forms)('the form to %s', (_name, path, fields) => {
  const foreign: [string, () => Promise<string | undefined>][] = [
    ['without an anti-forgery value', async () => undefined],
    ['with an empty one', async () => ''],
    [
      'with the one of another person',
      async () => valueOn(await (await home.signedIn('owner')).opens('/mcp/oauth/account/sign-out')),
    ],
    [
      'with the one of another session of the same person',
      async () => valueOn(await (await home.signedIn('member')).opens('/mcp/oauth/account/sign-out')),
    ],
    ['with the one of a sign-in form', async () => valueOn(await grace.opens('/mcp/oauth/account/sign-in'))],
  ];

  it.each(foreign)('is refused %s', async (_case, value) => {
    const csrf = await value();
    const before = await home.kept(connection);
    const answer = await send(grace, path(), { ...fields, ...(csrf !== undefined && { csrf }) });

    expect([answer.status, heading(answer)]).toEqual([403, 'This page is out of date']);
    expect(await home.kept(connection)).toEqual(before);
    expect(heading(await grace.opens('/mcp/oauth/account'))).toBe('Your connections');
  });

  it('is refused from another site, whatever it carries', async () => {
    const csrf = valueOn(await grace.opens('/mcp/oauth/account/sign-out'));
    const answer = await send(grace, path(), { ...fields, csrf }, { 'Sec-Fetch-Site': 'cross-site' });
    expect(answer.status).toBe(403);
    expect(await home.kept(connection)).toBeDefined();
  });
});

describe('the form to sign in', () => {
  const credentials = { email: people.owner, password };

  it.each([
    ['without an anti-forgery value', async () => undefined],
    [
      'with the one of another browser',
      async () => valueOn(await createPlainBrowser(home.server.origin).open('/mcp/oauth/account/sign-in')),
    ],
  ])('is refused %s: nobody is signed in to an account of somebody else', async (_case, value) => {
    const visitor = home.comes('viewer');
    await visitor.opens('/mcp/oauth/account/sign-in');
    const csrf = await value();
    const answer = await send(visitor, '/mcp/oauth/account/sign-in', { ...credentials, ...(csrf && { csrf }) });

    expect(answer.status).toBe(403);
    expect(heading(await visitor.opens('/mcp/oauth/account'))).toBe('Sign in');
  });

  it('is refused when its cookie was made by somebody else than this server', async () => {
    const visitor = home.comes('viewer');
    const csrf = valueOn(await visitor.opens('/mcp/oauth/account/sign-in'));
    const cookies = visitor.browser.cookies as Map<string, { value: string; path: string }>;
    const { key = '', path = '' } = findCookie(visitor.browser, 'browser') ?? {};
    expect(cookies.has(key)).toBe(true);
    cookies.set(key, { value: 'chosen', path });
    expect((await send(visitor, '/mcp/oauth/account/sign-in', { ...credentials, csrf })).status).toBe(403);
  });
});

describe('a page of the account', () => {
  it('sends forms nowhere else, is kept by nobody and framed by nobody', async () => {
    const { headers } = await grace.opens('/mcp/oauth/account');
    expect(headers.get('Content-Security-Policy')).toContain("form-action 'self'");
    expect(headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('Cache-Control')).toBe('no-store');
  });
});

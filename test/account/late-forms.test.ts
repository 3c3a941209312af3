import { describe, expect, it } from '@jest/globals';
import { minutes } from '../support/clock.ts';
import { shared } from '../support/shared.ts';
import { hrefOf, password, people, startAccountFixtures } from './account-fixtures.ts';

const home = shared(startAccountFixtures);

const heading = (html: string) => /<h1>(.*?)<\/h1>/s.exec(html)?.[1]?.replace(/<[^>]*>/g, '');

describe('a form that is sent when the sign-in is too old', () => {
  it.each([
    [
      'to disconnect all of a client',
      () => '/mcp/oauth/account/clients/disconnect?client=name%3AA%20tool',
      /^Disconnect all of A/,
    ],
    ['to change', (id: string) => `/mcp/oauth/account/connections/${id}/change?organization=globex`, /^Change A tool/],
    ['to rename', (id: string) => `/mcp/oauth/account/connections/${id}/rename`, /^Rename$/],
    ['to disconnect', (id: string) => `/mcp/oauth/account/connections/${id}/disconnect`, /^Disconnect A tool/],
    [
      'to end for the organization',
      (id: string) => `/mcp/oauth/account/organizations/acme/connections/${id}/disconnect`,
      /^Disc/,
    ],
    ['to sign out everywhere', () => '/mcp/oauth/account/sign-out/everywhere', /^Sign out everywhere\?$/],
  ])('%s is shown again, about the same, after the password', async (_deed, pathFor, expected) => {
    const owner = await home.signedIn('owner');
    const connection = await home.connects('owner');
    const path = pathFor(String(connection.claims.grant_id));
    const page = await owner.opens(path);
    home.pass(minutes(15) + 1);

    const asked = await owner.browser.submit(page, path);
    expect(heading(asked.html)).toBe('Sign in again');
    const back = await owner.browser.submit(asked, asked.url.search, { email: people.owner, password });

    expect(back.status).toBe(200);
    expect(back.url.pathname + back.url.search).toBe(path);
    expect(heading(back.html)).toMatch(expected);
    expect(await home.kept(connection)).toBeDefined();
  });

  it('to change is shown for the organization that was being looked at', async () => {
    const owner = await home.signedIn('owner');
    const connection = await home.connects('owner');
    const page = await owner.opens(hrefOf(connection, 'change?organization=globex'));
    home.pass(minutes(15) + 1);
    const asked = await owner.browser.submit(page, '/change');
    const back = await owner.browser.submit(asked, asked.url.search, { email: people.owner, password });
    expect(back.html).toContain('name="organization" value="globex"');
  });
});

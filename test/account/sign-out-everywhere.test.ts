import { describe, expect, it } from '@jest/globals';
import { days } from '../support/clock.ts';
import { registerClient } from '../support/relying-party.ts';
import { shared } from '../support/shared.ts';
import { password, people, startAccountFixtures } from './account-fixtures.ts';

const home = shared(startAccountFixtures);

const heading = ({ html }: { html: string }) => /<h1>(.*?)<\/h1>/s.exec(html)?.[1]?.replace(/<[^>]*>/g, '');
const authorization = async () => (await registerClient(home.server.issuer)).authorizationRequest().url.href;
const credentials = { email: people.admin, password };

describe('signing out everywhere', () => {
  it('ends the sessions of all browsers, for the account and for the flow', async () => {
    const [here, there, elsewhere] = await Promise.all([
      home.signedIn('admin'),
      home.signedIn('admin'),
      home.signedIn('admin'),
    ]);
    expect(heading(await here.submits('/mcp/oauth/account/sign-out/everywhere'))).toBe('You are signed out');

    expect(heading(await here.opens('/mcp/oauth/account'))).toBe('Sign in');
    expect(heading(await there.opens('/mcp/oauth/account'))).toBe('Sign in');
    expect(heading(await elsewhere.opens(await authorization()))).toBe('Sign in');
  });

  it('leaves everybody else signed in, and every tool connected', async () => {
    const [ada, grace] = [await home.signedIn('admin'), await home.signedIn('member')];
    const { client, refreshToken } = await home.connects('admin');
    await ada.submits('/mcp/oauth/account/sign-out/everywhere');

    expect(heading(await grace.opens('/mcp/oauth/account'))).toBe('Your connections');
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it('does not stand in the way of signing in again, within the same second', async () => {
    const ada = await home.signedIn('admin');
    await ada.submits('/mcp/oauth/account/sign-out/everywhere');
    expect(heading(await ada.signsIn())).toBe('Your connections');
    const flow = home.comes('admin');
    const consent = await flow.browser.submit(await flow.opens(await authorization()), '/sign-in', credentials);
    expect(heading(consent)).toMatch(/wants to connect/);
    expect((await flow.browser.submit(consent, '/consent')).url.searchParams.has('code')).toBe(true);
    expect(heading(await flow.opens('/mcp/oauth/account'))).toBe('Your connections');
  });

  it('can be repeated within the same second', async () => {
    const ada = await home.signedIn('admin');
    await ada.submits('/mcp/oauth/account/sign-out/everywhere');
    const again = await home.signedIn('admin');
    await ada.signsIn();
    await ada.submits('/mcp/oauth/account/sign-out/everywhere');
    expect(heading(await again.opens('/mcp/oauth/account'))).toBe('Sign in');
  });

  it('reaches somebody in the middle of a flow, who signed in within that flow', async () => {
    const flow = home.comes('admin');
    const consent = await flow.browser.submit(await flow.opens(await authorization()), '/sign-in', credentials);
    home.pass(60);
    const ada = await home.signedIn('admin');
    await ada.submits('/mcp/oauth/account/sign-out/everywhere');
    home.pass(60);

    const asked = await flow.browser.submit(consent, '/consent');
    expect(heading(asked)).toBe('Sign in');
    expect(heading(await flow.opens('/mcp/oauth/account'))).toBe('Sign in');
  });

  it('is remembered as long as a session can be kept alive by opening flows', async () => {
    const there = await home.signedIn('admin');
    const ada = await home.signedIn('admin');
    await ada.submits('/mcp/oauth/account/sign-out/everywhere');
    for (let week = 0; week < 10; week += 1) {
      home.pass(days(7));
      expect(heading(await there.opens(await authorization()))).toBe('Sign in');
    }
    expect(heading(await there.opens('/mcp/oauth/account'))).toBe('Sign in');
  });
});

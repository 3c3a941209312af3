import { describe, expect, it } from '@jest/globals';
import { findLooseDirection } from '../support/page-measures.ts';
import { registerClient } from '../support/relying-party.ts';
import { endless, markup, override } from '../support/sample-pages.ts';
import { theLab } from './lab.ts';

const { lab, arrives, signsIn } = theLab();

describe('without JavaScript', () => {
  const options = { javaScriptEnabled: false };

  it('a person signs in, changes the organization, unticks, and connects', async () => {
    const request = { scope: 'project:read project:create' };
    const { person: ada, connection } = await arrives('demo@example.com', { request, options });
    await ada.signsIn({ password: 'not it' });
    await ada.signsIn();
    await ada.chooses('Globex');
    await ada.follows('Change organization');
    await ada.chooses('Acme Corp');
    await ada.unticks('Project', 'Create new projects');
    await ada.approves();

    expect((await connection.receivesTokens()).body.scope).toBe('project:read');
  });

  it('a person signs in with another account, and declines', async () => {
    const { person: solo, connection } = await signsIn('solo@example.com', { options });
    await solo.follows('Use another account');
    await solo.signsIn({ email: 'demo@example.com' });
    await solo.declines();

    expect((await connection.arrival()).searchParams.get('error')).toBe('access_denied');
  });
});

describe('a name that a stranger registered', () => {
  it.each([
    ['markup', markup],
    ['a reversed writing direction', override],
    ['300 letters', endless],
  ])('of %s is text on every page of the flow', async (_name, clientName) => {
    const tool = await lab.startTool({ client_name: clientName });
    const { person: ada } = await arrives('demo@example.com', { tool });
    // Without what would turn the text around it.
    const shown = clientName.replace('\u202E', '').slice(0, 100);
    const looksTheSame = async () => {
      expect(await ada.page.locator('main').textContent()).toContain(shown);
      expect(await ada.page.locator('img, script, [onerror]').count()).toBe(0);
      expect(await ada.page.evaluate(findLooseDirection)).toEqual([]);
      expect(await ada.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    };
    await looksTheSame();
    await ada.signsIn();
    await looksTheSame();
    await ada.chooses('Acme Corp');
    await looksTheSame();

    expect(ada.complaints).toEqual([]);
  });
});

describe('the headers of a page', () => {
  const policy =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

  it.each([
    'https://client.example/cb',
    'http://127.0.0.1:8765/callback',
    'cursor://anysphere.cursor-mcp/oauth/callback',
  ])('let forms reach nothing but ourselves, whatever the tool: %s (R104)', async (redirectUri) => {
    const client = await registerClient(lab.server.issuer, { redirect_uris: [redirectUri] });
    const solo = await lab.person('solo@example.com');
    const policies: string[] = [];
    solo.page.on('response', (response) => {
      const sent = response.headers()['content-security-policy'];
      if (sent && response.status() === 200) policies.push(sent);
    });
    await solo.opens(client.authorizationRequest().url.href);
    await solo.signsIn();

    expect(policies).toEqual([policy, policy]);
  });

  it('keep the address to ourselves, cannot be framed or kept, and leave a popup its opener (R112)', async () => {
    const solo = await lab.person('solo@example.com');
    const answer = await solo.page.goto(lab.tool.connects().url);
    const headers = answer?.headers() ?? {};

    expect(headers).toMatchObject({
      'referrer-policy': 'same-origin',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'unsafe-none',
    });
  });
});

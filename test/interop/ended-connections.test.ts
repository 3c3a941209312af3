import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { eventually } from '../support/eventually.ts';
import { shared } from '../support/shared.ts';
import { type Installed, install, labRows, selfRegistered, startLab } from './client-lab.ts';

const server = shared(startLab);
// 2.x says on the console that it forgets the tokens.
beforeEach(() => void jest.spyOn(console, 'warn').mockReturnValue());
afterEach(() => void jest.restoreAllMocks());

/** What the gateway says to whoever has this token, without the tool, as soon as it does not let it in. */
async function refusalOf(token: string) {
  const headers = { Authorization: `Bearer ${token}` };
  const ask = () => fetch(server.issuer, { method: 'POST', headers });
  await eventually(async () => (await ask()).status === 401);
  return (await ask()).headers.get('www-authenticate');
}

/** The person signs in to their account in a browser of their own, and presses the button of a page there. */
async function submitInBrowser(page: string, action: string) {
  const browser = createPlainBrowser(server.origin);
  const signIn = await browser.open('/mcp/oauth/account');
  await browser.submit(signIn, '/account/sign-in', { email: 'demo@example.com', password: 'demo-password' });
  return browser.submit(await browser.open(`/mcp/oauth/account/connections/${page}`), action);
}

describe.each(labRows)('$client, $registration,', (row) => {
  it.each<[string, (installed: Installed, connection: unknown) => Promise<unknown>]>([
    ['whose connection is revoked', ({ revoke }) => revoke()],
    [
      'that is disconnected in the browser',
      async (_installed, connection) => {
        const { html } = await submitInBrowser(`${connection}/disconnect`, '/disconnect');
        expect(html).toContain('Disconnected.');
      },
    ],
  ])('%s gets 401 with the next call, and its person connects it again', async (_way, end) => {
    await using installed = install(row, server);
    const { tool, wire, browser, tokens } = installed;
    const before = await tool.call('whoami');

    await end(installed, before.connection);
    await refusalOf(tokens().access_token);
    const after = await tool.call('whoami');

    expect(wire.answers).toContain('POST /mcp 401 invalid_token');
    expect(browser.visits).toHaveLength(2);
    expect(after).toMatchObject({ account: before.account, organization: before.organization });
    expect(after.connection).not.toBe(before.connection);
  });
});

describe.each(selfRegistered)('$client', (row) => {
  // A configured client is one installation, however often it is installed.
  it('installed twice, lives on where it was not revoked', async () => {
    await using lost = install(row, server);
    await using kept = install(row, server);
    await lost.tool.call('whoami');
    const before = await kept.tool.call('whoami');

    await lost.revoke();
    await refusalOf(lost.tokens().access_token);

    expect(await kept.tool.call('whoami')).toEqual(before);
    expect(kept.wire.count('POST /mcp 401 invalid_token')).toBe(0);
    expect(kept.browser.visits).toHaveLength(1);
  });
});

describe.each(labRows)('$client, $registration, whose connection is moved while it runs', (row) => {
  it('is refused at the gateway, renews by itself, and works for the other organization', async () => {
    await using installed = install(row, server);
    const { tool, browser, wire, tokens } = installed;
    const before = await tool.call('whoami');
    expect(before).toMatchObject({ organization: { slug: 'acme', role: 'owner' } });
    const { access_token: token } = tokens();

    const saved = await submitInBrowser(`${before.connection}/change?organization=globex`, '/change');
    expect([saved.status, saved.html.includes('Saved.')]).toEqual([200, true]);
    expect(await refusalOf(token)).toContain('error="invalid_token"');

    const after = await tool.call('whoami');
    const organization = expect.objectContaining({ slug: 'globex', role: 'viewer' });
    const scopes = expect.not.arrayContaining(['project:create']);
    expect(after).toMatchObject({ connection: before.connection, organization, scopes });
    expect(wire.count('POST /mcp 401 invalid_token')).toBe(1);
    expect(wire.count('POST /mcp/oauth/token 200')).toBe(2);
    expect(tokens().access_token).not.toBe(token);
    expect(browser.visits).toHaveLength(1);
  });
});

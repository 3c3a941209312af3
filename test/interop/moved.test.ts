import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { eventually } from '../support/eventually.ts';
import { shared } from '../support/shared.ts';
import { type Installed, install, labRows, startLab } from './client-lab.ts';

const server = shared(startLab);
afterEach(() => {
  jest.restoreAllMocks();
});

const tokenOf = ({ installation }: Installed) => installation.find<{ access_token: string }>('tokens')?.access_token;

/** What the gateway answers to whoever has this token, without the tool. */
async function answerTo(token: string | undefined) {
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(server.issuer, { method: 'POST', headers });
  await response.body?.cancel();
  return { status: response.status, challenge: response.headers.get('www-authenticate') };
}

/** Its person, in a browser of their own, on the page of the connection. */
async function move(connection: unknown, organization: string) {
  const ada = createPlainBrowser(server.origin);
  const signIn = await ada.open('/mcp/oauth/account');
  await ada.submit(signIn, '/mcp/oauth/account/sign-in', { email: 'demo@example.com', password: 'demo-password' });
  const page = await ada.open(`/mcp/oauth/account/connections/${connection}/change?organization=${organization}`);
  const saved = await ada.submit(page, '/change');
  expect([saved.status, saved.html.includes('Saved.')]).toEqual([200, true]);
}

describe.each(labRows)('$client, $registration, whose connection is moved while it runs', (row) => {
  it('is refused at the gateway, renews by itself, and works for the other organization', async () => {
    await using installed = install(row, server);
    const { tool, browser, wire } = installed;
    const before = await tool.call('whoami');
    expect(before).toMatchObject({ organization: { slug: 'acme', role: 'owner' } });
    const token = tokenOf(installed);

    await move(before.connection, 'globex');
    await eventually(async () => (await answerTo(token)).status === 401);
    expect((await answerTo(token)).challenge).toContain('error="invalid_token"');

    const after = await tool.call('whoami');
    expect(after).toMatchObject({
      connection: before.connection,
      organization: { slug: 'globex', role: 'viewer' },
    });
    expect(after.scopes).toEqual(expect.not.arrayContaining(['project:create']));
    expect(wire.count('POST /mcp 401 invalid_token')).toBe(1);
    expect(wire.count('POST /mcp/oauth/token 200')).toBe(2);
    expect(tokenOf(installed)).not.toBe(token);
    expect(browser.visits).toHaveLength(1);
  });
});

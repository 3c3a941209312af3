import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Installed, install, labRows, startLab } from '../interop/client-lab.ts';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { eventually } from '../support/eventually.ts';
import type { TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startLab();
});
afterAll(async () => {
  await server.close();
  jest.restoreAllMocks();
});

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

const tokensOf = ({ installation }: Installed) => installation.find<Tokens>('tokens') as Tokens;

/** What the MCP server answers to this token. */
async function statusOf({ access_token: token }: Tokens) {
  const headers = { Authorization: `Bearer ${token}` };
  return (await fetch(server.issuer, { method: 'POST', headers })).status;
}

/** Ends the connection of an installation behind its back, and waits until the gateway has heard of it. */
async function revokeBehind(installed: Installed) {
  const tokens = tokensOf(installed);
  const client = installed.installation.find<{ client_id: string }>('client');
  const body = new URLSearchParams({ token: tokens.refresh_token, client_id: String(client?.client_id) });
  await fetch(`${server.issuer}/oauth/revoke`, { method: 'POST', body });
  await eventually(async () => (await statusOf(tokens)) === 401);
}

/** The person opens their account in a browser, and disconnects the tool there. */
async function disconnectInBrowser(connection: string) {
  const browser = createPlainBrowser(server.origin);
  const page = await browser.open('/mcp/oauth/account');
  await browser.submit(page, '/sign-in?to=%2Fmcp%2Foauth%2Faccount', {
    email: 'demo@example.com',
    password: 'demo-password',
  });
  const question = await browser.open(`/mcp/oauth/account/connections/${connection}/disconnect`);
  const { html } = await browser.submit(question, '/disconnect');
  expect(html).toContain('Disconnected.');
}

describe.each(labRows)('$client, $registration,', (row) => {
  it('whose connection is revoked gets 401 with the next call, and its person connects it again', async () => {
    jest.spyOn(console, 'warn').mockReturnValue(); // 2.x says on the console that it forgets the tokens
    await using installed = install(row, server);
    const before = await installed.tool.call('whoami');

    await revokeBehind(installed);
    const after = await installed.tool.call('whoami');

    expect(installed.wire.answers).toContain('POST /mcp 401 invalid_token');
    expect(installed.browser.visits).toHaveLength(2);
    expect(after).toMatchObject({ account: before.account, organization: before.organization });
    expect(after.connection).not.toBe(before.connection);
  });

  it('that is disconnected in the browser gets 401 with the next call, and its person connects it again', async () => {
    jest.spyOn(console, 'warn').mockReturnValue();
    await using installed = install(row, server);
    const before = await installed.tool.call('whoami');

    await disconnectInBrowser(String(before.connection));
    await eventually(async () => (await statusOf(tokensOf(installed))) === 401);
    const after = await installed.tool.call('whoami');

    expect(installed.wire.answers).toContain('POST /mcp 401 invalid_token');
    expect(installed.browser.visits).toHaveLength(2);
    expect(after.connection).not.toBe(before.connection);
  });
});

describe.each(labRows.filter(({ registration }) => registration === 'registered by itself'))('$client', (row) => {
  // A configured client is one installation, however often it is installed.
  it('installed twice, lives on where it was not revoked', async () => {
    await using lost = install(row, server);
    await using kept = install(row, server);
    await lost.tool.call('whoami');
    const before = await kept.tool.call('whoami');

    await revokeBehind(lost);

    expect(await kept.tool.call('whoami')).toEqual(before);
    expect(kept.wire.count('POST /mcp 401 invalid_token')).toBe(0);
    expect(kept.browser.visits).toHaveLength(1);
  });
});

import { describe, expect, it } from '@jest/globals';
import { shared } from '../support/shared.ts';
import { install, labRows, startLab } from './client-lab.ts';
import { client2Tool } from './mcp-client-2.ts';
import { createWebBrowser } from './web-browser.ts';

const server = shared(startLab);

const account = expect.stringMatching(/./);

describe.each(labRows)('$client, $registration', (row) => {
  it('connects knowing only the URL, with one visit to the browser', async () => {
    await using installed = install(row, server);
    const { tool, browser, wire, installation } = installed;

    expect(await tool.call('whoami')).toEqual({
      account,
      organization: { id: account, slug: 'acme', role: 'owner' },
      scopes: ['organization:read', 'project:read'],
      connection: account,
    });
    expect(tool.revision()).toBe(row.revision);
    expect(browser.visits).toHaveLength(1);
    expect(wire.count('POST /mcp/oauth/register 201')).toBe(row.registration === 'registered by itself' ? 1 : 0);
    expect(installation.find('tokens')).toMatchObject({ refresh_token: account, expires_in: 3600 });
  });

  it('remembers the connection when it is started again', async () => {
    await using before = install(row, server);
    const { connection } = await before.tool.call('whoami');
    await using after = install(row, server, { installation: before.installation.copy() });

    expect(await after.tool.call('whoami')).toMatchObject({ connection });
    expect(after.browser.visits).toHaveLength(0);
  });

  it('is not connected when its person declines', async () => {
    await using installed = install(row, server, { actions: { declines: true } });

    await expect(installed.tool.call('whoami')).rejects.toThrow('declined');
    expect(installed.wire.count('POST /mcp/oauth/token')).toBe(0);
    expect(installed.installation.find('tokens')).toBeUndefined();
  });
});

describe('the MCP client 2.x', () => {
  it.each([
    ['another issuer', 'https://another.example'],
    ['no issuer', undefined],
  ])('hands its code to nobody when the callback names %s (RFC 9207 §2.4)', async (_name, iss) => {
    const browser = createWebBrowser(server.origin);
    const mixedUp = {
      ...browser,
      async callback() {
        const callback = await browser.callback();
        callback.searchParams.delete('iss');
        if (iss) callback.searchParams.set('iss', iss);
        return callback;
      },
    };
    await using installed = install({ create: client2Tool('auto') }, server, { browser: mixedUp });
    const { tool, wire } = installed;

    await expect(tool.call('whoami')).rejects.toThrow('Issuer mismatch');
    expect(wire.count('POST /mcp/oauth/token')).toBe(0);
  });
});

describe('whoami says to', () => {
  const create = client2Tool('auto');
  it.each([
    ['demo@example.com', 'acme', 'owner'],
    ['demo@example.com', 'globex', 'viewer'],
    ['solo@example.com', 'initech', 'member'],
  ])('%s, who chose %s, that the role there is %s', async (email, slug, role) => {
    await using installed = install({ create }, server, { actions: { email, organization: slug } });
    const said = await installed.tool.call('whoami');
    const person = await server.server.directory.signIn(email, 'demo-password');

    expect(said).toMatchObject({ account: person?.id, organization: { slug, role } });
  });
});

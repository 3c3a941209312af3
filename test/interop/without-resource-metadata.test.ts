import { describe, expect, it } from '@jest/globals';
import { shared } from '../support/shared.ts';
import { install, startRevisionLab } from './client-lab.ts';
import { client2Tool } from './mcp-client-2.ts';
import { createPlainSdk1Tool, createSdk1Tool } from './mcp-sdk-1.ts';

/** An MCP server of 2025-03-26: whoever wants a token asks the server's own origin, where the issuer has a path. */
const lab = shared(() => startRevisionLab('2025-03-26', '/mcp'));

describe('without resource metadata, an issuer with a path', () => {
  it.each([
    ['an app on the MCP SDK 1.x', createSdk1Tool],
    ['a plain app on the MCP SDK 1.x', createPlainSdk1Tool],
  ])('is found by %s at the origin (R1)', async (_name, create) => {
    await using installed = install({ create }, lab.server);

    expect(await installed.tool.call('whoami')).toMatchObject({ connection: expect.any(String) });
    expect(installed.wire.count('GET /.well-known/oauth-authorization-server 200')).toBe(1);
    expect(installed.browser.visits[0]?.pathname).toBe('/mcp/oauth/authorize');
  });

  it('is refused by the MCP client 2.x, which expects the origin itself to be the issuer (RFC 8414 §3.3)', async () => {
    await using installed = install({ create: client2Tool('legacy') }, lab.server);

    await expect(installed.tool.call('whoami')).rejects.toThrow('Issuer mismatch');
    expect(installed.browser.visits).toHaveLength(0);
  });
});

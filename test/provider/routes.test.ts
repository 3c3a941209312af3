import { describe, expect, it } from '@jest/globals';
import { at } from '../../src/provider/routes.ts';
import { serveKoa } from '../support/koa-app.ts';

describe('a middleware for some routes', () => {
  const middleware = at(['/mcp/oauth/token', '/mcp/oauth/revoke'], (ctx) => {
    ctx.body = 'seen';
  });
  const ask = async (path: string) => {
    await using app = await serveKoa(middleware);
    return (await fetch(app.origin + path)).text();
  };

  it.each(['/mcp/oauth/token', '/mcp/oauth/revoke', '/mcp/oauth/token?a=b', '/MCP/OAuth/Token', '/mcp/oauth/token/'])(
    'sees %s, because the provider answers there',
    async (path) => {
      expect(await ask(path)).toBe('seen');
    },
  );

  it.each(['/mcp/oauth/tokens', '/mcp/oauth/token/x', '/mcp/oauth', '/x/mcp/oauth/token', '/mcp-oauth/token', '/'])(
    'does not see %s',
    async (path) => {
      expect(await ask(path)).not.toBe('seen');
    },
  );
});

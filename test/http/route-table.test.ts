import { describe, expect, it } from '@jest/globals';
import type { Context } from 'koa';
import { type Endpoint, serveEndpoints } from '../../src/http/index.ts';
import { serveKoa } from '../support/koa-app.ts';

const say = (text: string) => (ctx: Context) => {
  ctx.body = text;
};

const endpoints: Endpoint[] = [
  { name: 'token', path: '/mcp/oauth/token', methods: ['POST'], cors: true, handler: say('token') },
  { name: 'page', path: '/mcp/oauth/page', methods: ['GET'], handler: say('page') },
  { name: 'page', path: '/mcp/oauth/page', methods: ['POST'], handler: say('form') },
  { name: 'one', path: '/mcp/oauth/page/:id', methods: ['GET'], handler: (ctx) => say(ctx.params.id)(ctx) },
  { name: 'below', path: '/mcp/oauth/verify/*', methods: ['GET'], handler: say('below') },
  {
    name: 'around',
    path: '/mcp/oauth/around',
    methods: ['GET'],
    before: (ctx) => ctx.set('X-Before', 'seen'),
    after: (ctx) => ctx.set('X-After', String(ctx.body)),
  },
];

async function ask(method: string, path: string, headers: Record<string, string> = {}) {
  await using app = await serveKoa(serveEndpoints(endpoints), (ctx) => {
    ctx.body = 'provider';
  });
  const answer = await fetch(app.origin + path, { method, headers });
  return { status: answer.status, body: await answer.text(), headers: answer.headers };
}

describe('an endpoint', () => {
  it.each([
    ['POST', '/mcp/oauth/token', 'token'],
    ['POST', '/mcp/oauth/token?a=b', 'token'],
    ['POST', '/MCP/OAuth/Token', 'token'],
    ['POST', '/mcp/oauth/token/', 'token'],
    ['GET', '/mcp/oauth/page', 'page'],
    ['POST', '/mcp/oauth/page', 'form'],
    ['GET', '/mcp/oauth/page/one', 'one'],
    ['GET', '/mcp/oauth/page/a%20b', 'a b'],
    ['GET', '/mcp/oauth/page/%E0', '%E0'],
    ['GET', '/mcp/oauth/verify', 'below'],
    ['GET', '/mcp/oauth/verify/', 'below'],
    ['GET', '/mcp/oauth/verify/any/thing', 'below'],
  ])('answers %s %s, spelled as oidc-provider takes its own', async (method, path, body) => {
    expect(await ask(method, path)).toMatchObject({ status: 200, body });
  });

  it.each([
    '/mcp/oauth/tokens',
    '/mcp/oauth/token/x',
    '/mcp/oauth',
    '/x/mcp/oauth/token',
    '/mcp-oauth/token',
    '/mcp/oauth/page/one/two',
    '/mcp/oauth/verifying',
    '/',
  ])('leaves %s to others', async (path) => {
    expect(await ask('GET', path)).toMatchObject({ status: 200, body: 'provider' });
  });

  it.each([
    ['GET', '/mcp/oauth/token', 'POST'],
    ['DELETE', '/mcp/oauth/page', 'GET, POST'],
    ['POST', '/mcp/oauth/page/one', 'GET'],
  ])('refuses %s %s and names what it knows (RFC 9110 §15.5.6)', async (method, path, allow) => {
    const { status, headers } = await ask(method, path);
    expect({ status, allow: headers.get('allow') }).toEqual({ status: 405, allow });
  });

  it('answers HEAD as GET', async () => {
    expect(await ask('HEAD', '/mcp/oauth/page')).toMatchObject({ status: 200, body: '' });
  });

  it('may do something before and after the provider answers', async () => {
    const { body, headers } = await ask('GET', '/mcp/oauth/around');
    expect({ body, before: headers.get('x-before'), after: headers.get('x-after') }).toEqual({
      body: 'provider',
      before: 'seen',
      after: 'provider',
    });
  });

  it('answers the preflight of a script of another origin where it may, and says so at an error too (R12)', async () => {
    const preflight = await ask('OPTIONS', '/mcp/oauth/token', { 'Access-Control-Request-Method': 'POST' });
    expect(preflight).toMatchObject({ status: 204 });
    for (const { headers } of [preflight, await ask('GET', '/mcp/oauth/token')]) {
      expect(headers.get('access-control-allow-origin')).toBe('*');
    }
  });

  it('answers no preflight where scripts of other origins have no business', async () => {
    const { status, headers } = await ask('OPTIONS', '/mcp/oauth/page', { 'Access-Control-Request-Method': 'POST' });
    expect({ status, origin: headers.get('access-control-allow-origin') }).toEqual({ status: 405, origin: null });
  });
});

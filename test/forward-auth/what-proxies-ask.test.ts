import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { shared } from '../support/shared.ts';
import { type Asked, askingAbout, files, proxiedResource, refused, startProxied } from './proxied.ts';

/** What the proxies of examples/proxies send by their documentation, to a server that wants to know what a POST does. */
const server = shared(() => {
  const requests = { tools: { create_project: ['project:create'], '*': [] }, unnamedRequests: ['project:create'] };
  return startProxied({ resources: [proxiedResource(files, requests)] });
});
const { expectTold, connects } = askingAbout(server, files);
const connected = shared(() => connects('project:read organization:read'));

interface Held {
  readonly method: string;
  readonly headers?: Record<string, string>;
}

/** As Caddy and Traefik do. */
const forwarded = (method: string) => ({
  'X-Forwarded-For': '203.0.113.7',
  'X-Forwarded-Host': 'files.example',
  'X-Forwarded-Method': method,
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Uri': '/mcp?resource=https%3A%2F%2Fother.example%2Fmcp',
});
/** As Envoy does; the body stays where it is. */
const enveloped = { Host: 'files.example', 'Content-Length': '0', 'X-Envoy-Internal': 'true' };
const described = (method: string) => ({ 'X-Original-Method': method });

const proxies: Record<string, (held: Held) => Asked> = {
  Caddy: ({ method, headers }) => ({ headers: { Accept: '*/*', ...headers, ...forwarded(method) } }),
  Traefik: ({ method, headers }) => ({ headers: { ...headers, ...forwarded(method), 'X-Forwarded-Port': '443' } }),
  Envoy: ({ method, headers }) => ({ method, headers: { ...headers, ...enveloped, ...described(method) } }),
  'Envoy AI Gateway': ({ method }) => ({ method, headers: enveloped }),
  agentgateway: ({ method, headers }) => ({ method, headers: { ...headers, ...described(method) } }),
};

const call = (tool: string): Held => ({
  method: 'POST',
  headers: { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/call', 'Mcp-Name': tool },
});

describe.each(Object.entries(proxies))('%s', (proxy, asks) => {
  it('is told to send somebody without a token to the sign-in page', () =>
    expectTold(asks(call('whoami')), refused(401, 'https://files.example/.well-known/oauth-protected-resource/mcp')));

  // Envoy AI Gateway does not tell what a request does.
  it.each([
    ['a call that needs nothing', call('whoami'), 200, 403],
    ['a call that needs more', call('create_project'), 403, 403],
    ['a POST that does not say what it does', { method: 'POST' }, 403, 403],
    ['a stream', { method: 'GET' }, 200, 403],
    ['the end of a session', { method: 'DELETE' }, 200, 200],
  ])('is told what to do with %s', (_held, held, told, toldUnknowing) => {
    const passes = { status: 200, headers: { 'x-account-id': connected.claims.sub } };
    const isLetPass = (proxy === 'Envoy AI Gateway' ? toldUnknowing : told) === 200;
    const answer = isLetPass ? passes : refused(403, 'error="insufficient_scope"');
    return expectTold({ ...asks(held), token: connected.accessToken }, answer);
  });
});

function settingsOf(file: string): string {
  const text = readFileSync(new URL(`../../examples/proxies/${file}`, import.meta.url), 'utf8');
  return text.replaceAll(/^\s*#.*$/gm, '');
}

// All but the `MCPRoute` of Envoy AI Gateway, which has one path.
it.each([
  ['caddy/Caddyfile', ['path /mcp /mcp/', 'oauth-protected-resource/mcp/', 'X-Original-URI {http.request.orig_uri}']],
  ['traefik/dynamic.yaml', ['Path(`/mcp/`)', 'oauth-protected-resource/mcp/`)', '%2Fmcp%2F']],
  ['envoy/envoy.yaml', ['regex: "/mcp/?"', 'oauth-protected-resource(/mcp/?)?', '"%REQ(:PATH)%"']],
  ['agentgateway/config.yaml', ['exact: /mcp/ ', 'exact: /.well-known/oauth-protected-resource/mcp/', '%2Fmcp%2F']],
])('%s takes its resource with a slash behind it, and its metadata', (file, settings) => {
  for (const setting of settings) expect(settingsOf(file)).toContain(setting);
});

describe.each([
  ['caddy/Caddyfile', 'http://localhost:8080/mcp'],
  ['traefik/dynamic.yaml', 'https://gateway.example.com/mcp'],
  ['envoy/envoy.yaml', 'https://gateway.example.com/mcp'],
  ['envoy/ai-gateway.yaml', 'https://gateway.example.com/mcp'],
  ['agentgateway/config.yaml', 'http://localhost:8080/mcp'],
])('%s', (file, resource) => {
  const settings = settingsOf(file).toLowerCase();
  const named = encodeURIComponent(resource).toLowerCase();

  it('names its resource, to the question and to the metadata', () => {
    expect(settings.match(new RegExp(`oauth/verify\\?resource=${named}["'\\s]`, 'g'))).toHaveLength(1);
    expect(settings).toMatch(new RegExp(`oauth/protected-resource(/|\\?resource=)${named}["'\\s]`));
  });

  it.each(['account-id', 'organization-id', 'organization-slug', 'organization-role', 'scopes', 'connection-id'])(
    'removes X-%s of the client, and sets that of the answer',
    (header) => expect(settings.match(new RegExp(`\\bx-${header}\\b`, 'g'))?.length).toBeGreaterThanOrEqual(2),
  );
});

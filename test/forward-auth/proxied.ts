import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from '../support/connect.ts';
import type { Actions } from '../support/person.ts';
import { startServer, type TestServer, type TestServerOptions } from '../support/server.ts';

/** Two MCP servers behind proxies, and which scopes their tools need. */
export const files = 'https://files.example/mcp';
export const mail = 'https://mail.example/mcp';

const requests = {
  tools: { create_project: ['project:create'], remove_project: ['project:delete', 'organization:read'], '*': [] },
  methods: { 'resources/read': ['table:read'] },
};

interface ProxiedOptions extends TestServerOptions {
  /** Instead of both. */
  readonly resources?: readonly object[];
}

export async function startProxied({ resources, ...options }: ProxiedOptions = {}): Promise<TestServer> {
  return await startServer({
    ...options,
    env: { TRUSTED_PROXIES: '127.0.0.1', ...options.env },
    policy: {
      resources: [...(resources ?? [proxiedResource(files, requests), proxiedResource(mail)])],
    },
  });
}

export function proxiedResource(uri: string, members: object = {}): object {
  const shipped = JSON.parse(readFileSync(new URL('../../config/auth.json', import.meta.url), 'utf8'));
  return { ...shipped.resources[0], uri, name: uri, defaultScopes: ['*:read'], ...members };
}

/** A person has approved these scopes for this resource. */
export function connectTo(server: TestServer, resource: string, scope: string, actions: Actions = {}) {
  return connect(server, { request: { resource, scope }, actions });
}

export interface Asked {
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Record<string, string | string[]>;
  /** Behind the path of the endpoint. */
  readonly tail?: string;
}

export interface Answered {
  readonly status: number | undefined;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** What a proxy asks; by hand, because `fetch` chooses some headers itself. */
export function ask({ issuer }: Pick<TestServer, 'issuer'>, { method = 'GET', token, headers = {}, tail = '' }: Asked) {
  const url = `${issuer}/oauth/verify${tail}`;
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const asked = request(url, { method, headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers } });
  asked.once('error', reject);
  asked.once('response', (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text) => {
      body += text;
    });
    response.once('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
  });
  asked.end();
  return promise;
}

export const aboutFiles = `?resource=${encodeURIComponent(files)}`;
export const aboutMail = `?resource=${encodeURIComponent(mail)}`;

/** A call of a tool at the first revision whose servers check the headers. */
export const calling = (tool: string) => ({
  'X-Original-Method': 'POST',
  'MCP-Protocol-Version': '2026-07-28',
  'Mcp-Method': 'tools/call',
  'Mcp-Name': tool,
});

import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { expect } from '@jest/globals';
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

/** A request at the first revision whose servers check the headers. */
export const naming = (method: string) => ({
  'X-Original-Method': 'POST',
  'MCP-Protocol-Version': '2026-07-28',
  'Mcp-Method': method,
});
export const calling = (tool: string) => ({ ...naming('tools/call'), 'Mcp-Name': tool });

/** One that asks about this resource, for people who approved tools for it. */
export const askingAbout = (server: TestServer, resource: string) => ({
  /** Proves what it is told when it asks so. Whoever may not pass is never named, and led on where that helps. */
  async expectTold(asked: Asked, told: object): Promise<void> {
    const answer = await ask(server, { tail: `?resource=${encodeURIComponent(resource)}`, ...asked });
    expect(answer).toMatchObject(told);
    expect(answer.headers).not.toHaveProperty(answer.status === 200 ? 'x-refusal' : 'x-account-id');
    const isChallenge = answer.status === 401 || answer.status === 403;
    expect('www-authenticate' in answer.headers).toBe(isChallenge);
  },
  connects: (scope: string, actions?: Actions) => connectTo(server, resource, scope, actions),
  tokenFor: async (scope: string) => ({ token: (await connectTo(server, resource, scope)).accessToken }),
});

/** With a challenge that says this. */
export const refused = (status: 401 | 403, says: string | RegExp = 'resource_metadata=') => ({
  status,
  headers: { 'www-authenticate': expect.stringMatching(says instanceof RegExp ? says : RegExp.escape(says)) },
});

import { describe, expect, it } from '@jest/globals';
import {
  type Asked,
  aboutFiles,
  ask,
  connectTo,
  files,
  mail,
  proxiedResource,
  startProxied,
} from '../forward-auth/proxied.ts';
import { watchStore } from '../support/attacked.ts';
import { shared } from '../support/shared.ts';

/** Whoever reaches `/oauth/verify` and is no proxy that the operator named (RFC 9700 §4.13: headers that a proxy sets). */
const guarded = proxiedResource(files, { requiredScopes: ['organization:read'], unnamedRequests: ['project:create'] });
const resources = [guarded, proxiedResource(mail)];
const store = shared(watchStore);
const stranger = shared(() => startProxied({ resources, env: { ...store.env, TRUSTED_PROXIES: '192.0.2.7' } }));
const named = shared(() => startProxied({ resources }));
const ofStranger = shared(() => connectTo(stranger, files, 'organization:read'));
const ofNamed = shared(() => connectTo(named, files, 'organization:read'));

/** Of a stranger, whose question changes nothing whatever it tells. */
const asked = (question: Asked) => store.changesNothing(() => ask(stranger, question));
const askedWithToken = (question: Asked) => asked({ token: ofStranger.accessToken, ...question });
/** Of a named proxy, with a token. */
const askNamed = (question: Asked) => ask(named, { token: ofNamed.accessToken, ...question });

const methodHeaders = ['X-Original-Method', 'X-Forwarded-Method'];
const harmless = ['GET', 'HEAD', 'DELETE', 'OPTIONS'];

describe('a method that is told', () => {
  it.each(methodHeaders.flatMap((header) => harmless.map((method) => [header, method] as const)))(
    'by %s: %s opens nothing for a stranger, and does for a named proxy',
    async (header, method) => {
      const headers = { [header]: method };
      expect((await askedWithToken({ headers, tail: aboutFiles })).status).toBe(403);
      expect((await askNamed({ headers, tail: aboutFiles })).status).toBe(200);
    },
  );

  it.each(methodHeaders)('by %s makes a request stricter, whoever tells it', async (header) => {
    const headers = { [header]: 'POST' };
    for (const told of [askedWithToken, askNamed]) {
      expect((await told({ method: 'DELETE', tail: aboutFiles })).status).toBe(200);
      expect((await told({ method: 'DELETE', headers, tail: aboutFiles })).status).toBe(403);
    }
  });
});

describe('a tool that is open to whoever has no token', () => {
  const open = proxiedResource(files, { tools: { search_docs: 'open' } });
  const says = { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/call', 'Mcp-Name': 'search_docs' };

  it.each(methodHeaders)('is not opened by a stranger who tells by %s that a GET is a POST', async (header) => {
    await using untold = await startProxied({ resources: [open], env: { TRUSTED_PROXIES: '' } });
    await using told = await startProxied({ resources: [open] });
    const question = { headers: { ...says, [header]: 'POST' }, tail: aboutFiles };
    expect((await ask(untold, question)).status).toBe(401);
    expect((await ask(told, question)).status).toBe(200);
    // Who asks with POST holds one; where the URL is another one nothing is open, whoever tells it.
    expect((await ask(untold, { ...question, method: 'POST' })).status).toBe(200);
    const elsewhere = { ...question.headers, 'X-Original-URL': 'https://files.example/admin' };
    expect((await ask(told, { ...question, headers: elsewhere })).status).toBe(401);
  });
});

/** All ways to say that the URL was another one, in words that mean the resource. */
const wellKnown = '/.well-known/oauth-protected-resource/mcp';
const origin = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'files.example' };
const tellings = (path: string): [string, Record<string, string>][] => [
  ['X-Original-URI', { 'X-Original-URI': path }],
  ['X-Forwarded-Uri', { 'X-Forwarded-Uri': path }],
  ['X-Forwarded-Uri and its host', { ...origin, 'X-Forwarded-Uri': path }],
  ['X-Original-URI and its host', { ...origin, 'X-Original-URI': path }],
  ['X-Original-URL', { 'X-Original-URL': `https://files.example${path}` }],
  ['Forwarded', { Forwarded: 'host=files.example;proto=https', 'X-Original-URI': path }],
];
const metadataOf = (headers: Record<string, unknown>) =>
  /resource_metadata="([^"]*)"/.exec(String(headers['www-authenticate']))?.[1];

describe('a URL that a stranger tells', () => {
  it.each(tellings('/mcp?told=1'))('by %s is in no challenge', async (_name, headers) => {
    const answer = await asked({ headers, tail: aboutFiles });
    expect([answer.status, metadataOf(answer.headers)]).toEqual([401, `https://files.example${wellKnown}`]);
  });

  it.each(tellings(`${wellKnown}?told=1`))('by %s is in no metadata', async (_name, headers) => {
    const response = await fetch(`${stranger.issuer}/oauth/protected-resource${aboutFiles}`, { headers });
    expect(await response.json()).toMatchObject({ resource: files });
  });

  it.each(tellings('/mcp'))('by %s chooses no resource', async (_name, headers) => {
    expect((await askedWithToken({ headers })).status).toBe(400);
  });

  it('behind the path of the question chooses none, and is in no challenge', async () => {
    const headers = { ...origin, Host: 'files.example' };
    expect((await askedWithToken({ headers, tail: '/mcp' })).status).toBe(400);
    await using single = await startProxied({ resources: [guarded], env: { TRUSTED_PROXIES: '' } });
    const { headers: answered } = await ask(single, { headers, tail: '/mcp?told=1' });
    expect(metadataOf(answered)).toBe(`https://files.example${wellKnown}`);
  });
});

describe('a whole URL that the client of a named proxy smuggles in', () => {
  const headers = { ...origin, 'X-Forwarded-Uri': '/mcp?a=b' };

  it.each(['https://mail.example/mcp', 'https://files.example/other', 'nonsense'])(
    '%s is believed by nobody: nothing is chosen, nothing repeated',
    async (url) => {
      const smuggled = { ...headers, 'X-Original-URL': url };
      expect((await askNamed({ headers: smuggled })).status).toBe(400);
      const { headers: answered } = await ask(named, { headers: smuggled, tail: aboutFiles });
      expect(metadataOf(answered)).toBe(`https://files.example${wellKnown}`);
    },
  );

  it('that agrees changes nothing', async () => {
    const agreeing = { ...headers, 'X-Original-URL': 'https://files.example/mcp?a=b' };
    const { headers: answered } = await ask(named, { headers: agreeing, tail: aboutFiles });
    expect(metadataOf(answered)).toBe(`https://files.example${wellKnown}?a=b`);
  });

  it('that has the query of the question is refused: the client would choose', async () => {
    const smuggled = { 'X-Original-URL': `https://files.example/mcp${aboutFiles}` };
    expect((await askedWithToken({ headers: smuggled, tail: aboutFiles })).status).toBe(400);
  });
});

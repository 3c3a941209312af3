import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { documentClient } from '../clients/document-client.ts';
import { publicAddress, startWeb } from '../clients/document-web.ts';
import { documents } from '../interop/documents.ts';
import { createTestClock, days, minutes } from '../support/clock.ts';
import { createPerson } from '../support/person.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const url = 'https://tool.example.com/client.json';
const redirectUri = 'http://127.0.0.1:8765/callback';
const tool = { client_id: url, client_name: 'A tool of the web', redirect_uris: [redirectUri] };

const { clock, pass } = createTestClock();
const web = shared(startWeb);
const server = shared(() => startServer({ parts: { network: web.network, clock } }));
beforeEach(() => {
  server.logLines.length = 0;
  web.serveJson(url, tool);
  web.requests.length = 0;
});
afterEach(() => {
  web.resolves('tool.example.com', [publicAddress]);
  // What was fetched and approved is of no other test.
  pass(days(100));
});

async function connect(clientId = url, redirect = redirectUri, at = server) {
  const client = documentClient(at.issuer, clientId, redirect);
  const { url: request, verifier } = client.authorizationRequest();
  const callback = await createPerson(at.origin).approves(request);
  return { client, callback, answer: await client.exchange(callback, verifier) };
}

async function open(clientId = url, at = server, redirect = redirectUri) {
  const { url: request } = documentClient(at.issuer, clientId, redirect).authorizationRequest();
  return createPerson(at.origin).browser.open(request.href);
}

describe('a client that is described by a document', () => {
  it.each(Object.entries(documents))(
    'connects like %s does, on an ephemeral port, too (R75)',
    async (_name, client) => {
      web.serveJson(client.url, client.document);

      const { callback, answer } = await connect(client.url, client.used_redirect);

      expect(callback.href.startsWith(client.used_redirect)).toBe(true);
      expect(answer).toMatchObject({ status: 200, body: { scope: 'project:read', refresh_token: expect.any(String) } });
      expect(decodeJwt(answer.body.access_token ?? '').client_id).toBe(client.url);
    },
  );

  it('is welcome by default, and told so together with the method it uses (R74)', async () => {
    const metadata = await (await fetch(`${server.origin}/.well-known/oauth-authorization-server`)).json();

    expect(metadata).toMatchObject({
      client_id_metadata_document_supported: true,
      token_endpoint_auth_methods_supported: expect.arrayContaining(['none', 'private_key_jwt']),
    });
  });

  it('is unknown where an operator has switched documents off, and nobody is told to use one (R74)', async () => {
    await using off = await startServer({
      policy: { clientDocuments: { enabled: false } },
      parts: { network: web.network },
    });

    const metadata = await (await fetch(`${off.origin}/.well-known/oauth-authorization-server`)).json();

    expect(metadata).not.toHaveProperty('client_id_metadata_document_supported');
    expect((await open(url, off)).status).toBe(400);
    expect(web.requests).toEqual([]);
  });

  it('shows the host of its document to the person who approves (R51)', async () => {
    const { html } = await consentPage();

    expect(html).toContain('Published by <bdi>tool.example.com</bdi>');
  });

  it.each([
    'HTTPS://tool.example.com/client.json',
    'hTTps://tool.example.com/client.json',
    'https://TOOL.example.com/client.json',
    'https://tool.example.com:443/client.json',
    'https://tool.example.com/a/../client.json',
    'https://tool.example.com/%2e/client.json',
    'https://claude.ai@tool.example.com/client.json',
    'https://tool.example.com/client.json#claude.ai',
  ])('reaches nobody by another spelling of its URL, in which its host could hide: %s (R51)', async (id) => {
    web.serveJson(url, { ...tool, client_id: id });

    const { status, html } = await open(id);

    expect(status).toBe(400);
    expect(html).toContain('We cannot use what describes this tool');
    expect(web.requests).toEqual([]);
  });

  it('is fetched once for a whole flow', async () => {
    await connect();

    expect(web.requests).toHaveLength(1);
  });

  async function consentPage() {
    const { browser } = createPerson(server.origin);
    const { url: request } = documentClient(server.issuer, url, redirectUri).authorizationRequest();
    const signIn = await browser.open(request.href);
    const signedIn = await browser.submit(signIn, '/sign-in', { email: 'solo@example.com', password: 'demo-password' });
    return signedIn;
  }
});

describe('a document that changes', () => {
  it('decides within five minutes where people may be sent (R78)', async () => {
    expect((await open()).status).toBe(200);
    web.serveJson(url, { ...tool, redirect_uris: ['https://tool.example.com/callback'] });
    pass(minutes(5));

    const { status, html } = await open();

    expect(status).toBe(400);
    expect(html).toContain('We stopped this request');
    expect((await open(url, server, 'https://tool.example.com/callback')).status).toBe(200);
  });

  it('stops a flow that began before (R78)', async () => {
    const { browser } = createPerson(server.origin);
    const page = await browser.open(documentClient(server.issuer, url, redirectUri).authorizationRequest().url.href);
    web.serveJson(url, { ...tool, redirect_uris: ['https://tool.example.com/callback'] });
    pass(minutes(5));

    const rest = await browser.submit(page, '/sign-in', { email: 'demo@example.com', password: 'demo-password' });

    expect(rest).toMatchObject({ status: 400, html: expect.stringContaining('This sign-in has ended') });
  });

  it('does not end a connection', async () => {
    const { client, answer } = await connect();
    web.serveJson(url, { ...tool, redirect_uris: ['https://tool.example.com/callback'] });
    pass(minutes(5));

    expect((await client.refresh(answer.body.refresh_token ?? '')).status).toBe(200);
  });
});

describe('a document that cannot be fetched', () => {
  beforeEach(() => web.serve(url, { status: 503 }));

  it('is a page that says to come back (R77)', async () => {
    const { status, headers, html } = await open();

    expect({ status, retry: headers.get('retry-after'), type: headers.get('content-type') }).toEqual({
      status: 503,
      retry: '60',
      type: 'text/html; charset=utf-8',
    });
    expect(html).not.toContain('We cannot use what describes this tool');
  });

  it('is asked for once by each request, because it is not remembered (draft-02 §5.2)', async () => {
    await open();
    expect(web.requests).toHaveLength(1);

    await open();
    expect(web.requests).toHaveLength(2);
  });

  it('is 503 with JSON at the token endpoint, and costs no token (R77)', async () => {
    const client = documentClient(server.issuer, url, redirectUri);

    const answer = await client.refresh('some token');

    expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('60');
  });

  it('ends no connection: it renews with the document as it was (R76)', async () => {
    web.serveJson(url, tool);
    const { client, answer } = await connect();
    web.serve(url, { status: 503 });
    pass(minutes(5));

    expect((await client.refresh(answer.body.refresh_token ?? '')).status).toBe(200);
    expect(server.logLines).toContainEqual(expect.objectContaining({ event: 'client_document.stale', level: 40 }));
  });
});

describe('a client without a document', () => {
  it.each([
    ['was never there', { status: 404 }],
    [
      'speaks for another',
      { headers: { 'Content-Type': 'application/json' }, body: '{"client_id":"https://claude.ai/x"}' },
    ],
  ])('is unknown when it %s', async (_name, answer) => {
    web.serve(url, answer);

    const { status, html } = await open();
    const token = await documentClient(server.issuer, url, redirectUri).refresh('some token');

    expect(status).toBe(400);
    expect(html).toContain('We cannot use what describes this tool');
    expect(token).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('learns nothing of our network: a name inside of it is answered like one without an address (R77)', async () => {
    const answers = [];
    for (const addresses of [['10.1.2.3'], []]) {
      web.resolves('tool.example.com', addresses);
      // One after the other, because the second would be answered with what the first found.
      await using fresh = await startServer({ parts: { network: web.network } });
      const { status, headers, html } = await open(url, fresh);
      const token = await documentClient(fresh.issuer, url, redirectUri).refresh('some token');
      const text = html.replace(/<code>.*<\/code>/, 'a reference');
      answers.push({ status, retry: headers.get('retry-after'), text, token: [token.status, token.body] });
    }

    expect(answers[0]).toMatchObject({ status: 503, token: [503, { error: 'temporarily_unavailable' }] });
    expect(answers[1]).toEqual(answers[0]);
  });
});

describe('the lists of hosts', () => {
  it.each([
    ['on the deny list', { deny: ['*.example.com'] }],
    ['not on the allow list', { allow: ['claude.ai'] }],
  ])('refuse a client whose host is %s, before anything is fetched (R79)', async (_name, clientDocuments) => {
    await using strict = await startServer({ policy: { clientDocuments }, parts: { network: web.network } });

    web.resolved.length = 0;
    web.begun.length = 0;

    expect(await open(url, strict)).toMatchObject({
      status: 400,
      html: expect.stringContaining('We cannot use what describes'),
    });
    expect({ resolved: web.resolved, begun: web.begun }).toEqual({ resolved: [], begun: [] });
  });

  it('refuse a pinned client as well', async () => {
    await using strict = await startServer({
      policy: { clientDocuments: { deny: ['claude.ai'] } },
      parts: { network: web.network },
    });
    const { url: claude = '', used_redirect: redirect = '' } = documents['claude-ai'] ?? {};

    expect((await open(claude, strict, redirect)).status).toBe(400);
  });
});

describe('a pinned document', () => {
  const { url: claude = '', document = {}, used_redirect: redirect = '' } = documents['claude-ai'] ?? {};

  it.each([
    ['refuses us', { status: 403, headers: { 'cf-mitigated': 'challenge' } }],
    ['has nothing for us', { status: 404 }],
  ])('stands in for one whose host %s (R76)', async (_name, answer) => {
    web.serve(claude, answer);

    expect((await connect(claude, redirect)).answer.status).toBe(200);
  });

  it('gives way to the one that can be read', async () => {
    web.serveJson(claude, { ...document, redirect_uris: ['https://claude.ai/another'] });

    expect((await open(claude, server, redirect)).status).toBe(400);
    expect((await open(claude, server, 'https://claude.ai/another')).status).toBe(200);
  });

  it('may be one of the operator, in place of the shipped ones', async () => {
    web.serve(url, { status: 503 });
    web.serve(claude, { status: 403 });
    await using own = await startServer({
      policy: { clientDocuments: { pinned: [tool] } },
      parts: { network: web.network },
    });

    expect((await open(url, own)).status).toBe(200);
    expect((await open(claude, own, redirect)).status).toBe(503);
  });
});

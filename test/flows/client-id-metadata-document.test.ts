import { beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { documents } from '../interop/documents.ts';
import { minutes } from '../support/clock.ts';
import { createPerson } from '../support/person.ts';
import { comeBack, sharedDocumentWeb, tool, unknown } from './document-clients.ts';

const { web, server, pass, startOther, clientOf, opens, approves, connects } = sharedDocumentWeb();
beforeEach(() => {
  server.logLines.length = 0;
});

const url = tool.client_id;
const metadataOf = async ({ origin }: { origin: string }) =>
  (await fetch(`${origin}/.well-known/oauth-authorization-server`)).json();
const unusable = { status: 400, html: expect.stringContaining('We cannot use the description of this tool') };

describe('a client that is described by a document', () => {
  it.each(Object.entries(documents))(
    'connects like %s does, on an ephemeral port, too (R75)',
    async (_name, { url: client_id, document, used_redirect: redirect }) => {
      web.serveJson(client_id, document);

      const { callback, redeem } = await approves({ client_id, redirect_uris: [redirect] });
      const answer = await redeem();

      expect(callback.href.startsWith(redirect)).toBe(true);
      expect(answer).toMatchObject({ status: 200, body: { scope: 'project:read', refresh_token: expect.any(String) } });
      expect(decodeJwt(answer.body.access_token ?? '').client_id).toBe(client_id);
    },
  );

  it('is welcome by default, and told so together with the method it uses (R74)', async () => {
    expect(await metadataOf(server)).toMatchObject({
      client_id_metadata_document_supported: true,
      token_endpoint_auth_methods_supported: expect.arrayContaining(['none', 'private_key_jwt']),
    });
  });

  it('is unknown where an operator has switched documents off, and nobody is told to use one (R74)', async () => {
    await using off = await startOther({ policy: { clientDocuments: { enabled: false } } });

    expect(await metadataOf(off)).not.toHaveProperty('client_id_metadata_document_supported');
    expect((await opens(tool, off)).status).toBe(400);
    expect(web.requests).toEqual([]);
  });

  it('shows the host of its document to the person who approves (R51)', async () => {
    const { browser } = createPerson(server.origin);
    const signIn = await browser.open(clientOf().authorizationRequest().url.href);
    const consent = await browser.submit(signIn, '/sign-in', { email: 'solo@example.com', password: 'demo-password' });

    expect(consent.html).toContain('Published by <bdi>tool.example.com</bdi>');
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
  ])('reaches nobody by another spelling of its URL, in which its host could hide: %s (R51)', async (client_id) => {
    web.serveJson(url, { ...tool, client_id });

    expect(await opens({ ...tool, client_id })).toMatchObject(unusable);
    expect(web.requests).toEqual([]);
  });

  it('is fetched once for a whole flow', async () => {
    await connects();

    expect(web.requests).toHaveLength(1);
  });
});

describe('a document that changes', () => {
  const elsewhere = { ...tool, redirect_uris: ['https://tool.example.com/callback'] };
  const changes = () => {
    web.serveJson(url, elsewhere);
    pass(minutes(5));
  };

  it('decides within five minutes where people may be sent (R78)', async () => {
    expect((await opens()).status).toBe(200);
    changes();

    expect(await opens()).toMatchObject({ status: 400, html: expect.stringContaining('We stopped this request') });
    expect((await opens(elsewhere)).status).toBe(200);
  });

  it('stops a flow that began before (R78)', async () => {
    const { browser } = createPerson(server.origin);
    const page = await browser.open(clientOf().authorizationRequest().url.href);
    changes();

    const rest = await browser.submit(page, '/sign-in', { email: 'demo@example.com', password: 'demo-password' });

    expect(rest).toMatchObject({ status: 400, html: expect.stringContaining('This sign-in has ended') });
  });

  it('does not end a connection', async () => {
    const { client, refreshToken } = await connects();
    changes();

    expect((await client.refresh(refreshToken)).status).toBe(200);
  });
});

describe('a document that cannot be fetched', () => {
  beforeEach(() => web.serve(url, { status: 503 }));

  it('is a page that says to come back (R77)', async () => {
    const { status, headers, html } = await opens();

    expect([status, headers.get('retry-after')]).toEqual([503, '60']);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(html).not.toContain('We cannot use the description of this tool');
  });

  it('is asked for once by each request, because it is not remembered (draft-02 §5.2)', async () => {
    await opens();
    expect(web.requests).toHaveLength(1);

    await opens();
    expect(web.requests).toHaveLength(2);
  });

  it('is 503 with JSON at the token endpoint, and costs no token (R77)', async () => {
    const answer = await clientOf().refresh('some token');

    expect(answer).toMatchObject(comeBack);
    expect(answer.headers.get('retry-after')).toBe('60');
  });

  it('ends no connection: it renews with the document as it was (R76)', async () => {
    web.serveJson(url, tool);
    const { client, refreshToken } = await connects();
    web.serve(url, { status: 503 });
    pass(minutes(5));

    expect((await client.refresh(refreshToken)).status).toBe(200);
    expect(server.logLines).toContainEqual(expect.objectContaining({ event: 'client_document.stale', level: 40 }));
  });
});

describe('a client without a document', () => {
  const json = { 'Content-Type': 'application/json' };

  it.each([
    ['was never there', { status: 404 }],
    ['speaks for another', { headers: json, body: '{"client_id":"https://claude.ai/x"}' }],
  ])('is unknown when it %s', async (_name, answer) => {
    web.serve(url, answer);

    expect(await opens()).toMatchObject(unusable);
    expect(await clientOf().refresh('some token')).toMatchObject(unknown);
  });

  it('learns nothing of our network: a name inside of it is answered like one without an address (R77)', async () => {
    const answers = [];
    for (const addresses of [['10.1.2.3'], []]) {
      web.resolves('tool.example.com', addresses);
      // One after the other, because the second would be answered with what the first found.
      await using fresh = await startOther();
      const { status, headers, html } = await opens(tool, fresh);
      const token = await clientOf(tool, fresh).refresh('some token');
      const text = html.replace(/<code>.*<\/code>/, 'a reference');
      answers.push({ status, retry: headers.get('retry-after'), text, token: [token.status, token.body] });
    }

    expect(answers[0]).toMatchObject({ status: 503, token: [503, { error: 'temporarily_unavailable' }] });
    expect(answers[1]).toEqual(answers[0]);
  });
});

const { url: claudeUrl = '', document: published = {}, used_redirect: redirect = '' } = documents['claude-ai'] ?? {};
const claude = { client_id: claudeUrl, redirect_uris: [redirect] };

describe('the lists of hosts', () => {
  it.each([
    ['on the deny list', { deny: ['*.example.com'] }],
    ['not on the allow list', { allow: ['claude.ai'] }],
  ])('refuse a client whose host is %s, before anything is fetched (R79)', async (_name, clientDocuments) => {
    await using strict = await startOther({ policy: { clientDocuments } });
    web.resolved.length = 0;
    web.begun.length = 0;

    expect(await opens(tool, strict)).toMatchObject(unusable);
    expect({ resolved: web.resolved, begun: web.begun }).toEqual({ resolved: [], begun: [] });
  });

  it('refuse a pinned client as well', async () => {
    await using strict = await startOther({ policy: { clientDocuments: { deny: ['claude.ai'] } } });

    expect((await opens(claude, strict)).status).toBe(400);
  });
});

describe('a pinned document', () => {
  it.each([
    ['refuses us', { status: 403, headers: { 'cf-mitigated': 'challenge' } }],
    ['has nothing for us', { status: 404 }],
  ])('stands in for one whose host %s (R76)', async (_name, answer) => {
    web.serve(claudeUrl, answer);

    expect((await connects(claude)).answer.status).toBe(200);
  });

  it('gives way to the one that can be read', async () => {
    const another = { client_id: claudeUrl, redirect_uris: ['https://claude.ai/another'] };
    web.serveJson(claudeUrl, { ...published, ...another });

    expect((await opens(claude)).status).toBe(400);
    expect((await opens(another)).status).toBe(200);
  });

  it('may be one of the operator, in place of the shipped ones', async () => {
    web.serve(url, { status: 503 });
    web.serve(claudeUrl, { status: 403 });
    await using own = await startOther({ policy: { clientDocuments: { pinned: [tool] } } });

    expect((await opens(tool, own)).status).toBe(200);
    expect((await opens(claude, own)).status).toBe(503);
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDocumentCache, type DocumentCache } from '../../src/clients/document-cache.ts';
import { keySet, metadata } from '../../src/clients/document-content.ts';
import { openStore, type Store } from '../../src/storage/index.ts';
import { createTestClock, days, minutes } from '../support/clock.ts';
import { type DocumentWeb, startWeb } from './document-web.ts';

const url = 'https://tool.example.com/client.json';
const keysUrl = 'https://tool.example.com/jwks.json';
const document = (name: string) => ({
  client_id: url,
  client_name: name,
  redirect_uris: ['http://127.0.0.1/callback'],
});

const { clock, pass } = createTestClock();
let web: DocumentWeb;
let store: Store;
let node: DocumentCache;
let lines: { event: string }[];

beforeAll(async () => {
  web = await startWeb();
});
afterAll(() => web.close());
beforeEach(() => {
  store = openStore({ kind: 'sqlite', file: ':memory:' }, () => {}, clock);
  lines = [];
  node = createNode();
  web.serveJson(url, document('One'));
  web.requests.length = 0;
});
afterEach(() => store.close());

const names = {
  clientDocument: (kind: string, url: string) => `client-document:${kind} ${url}`,
  documentApproval: (clientId: string) => `document-approval:${clientId}`,
  registrationUse: (clientId: string) => `registration-use:${clientId}`,
};

/** One of several processes over one store. */
function createNode() {
  const events = { emit: (event: { event: string }) => void lines.push(event) };
  return createDocumentCache({ store, names, network: web.network, events, clock });
}

const wanted = { url, kind: metadata, clientId: url };
const load = async (from = node) => (await from.load(wanted)).client_name;
const approve = () => store.write(names.documentApproval(url), '{}', days(61));
const fails = (status: number) => web.serve(url, { status });
const events = (event: string) => lines.filter((line) => line.event === event);

describe('a document', () => {
  it('is fetched once for all nodes', async () => {
    expect([await load(), await load(), await load(createNode())]).toEqual(['One', 'One', 'One']);
    expect(web.requests).toHaveLength(1);
  });

  it('is fetched once for everybody who waits for it', async () => {
    for (let round = 0; round < 50; round += 1) {
      web.requests.length = 0;
      await Promise.all(Array.from({ length: 20 }, () => load()));
      expect(web.requests).toHaveLength(1);
      await store.remove([`client-document:metadata ${url}`]);
    }
  });

  it('that changes is seen after five minutes, on every node', async () => {
    await load();
    web.serveJson(url, document('Two'));
    pass(minutes(5) - 1);
    expect(await load()).toBe('One');

    pass(1);
    expect([await load(), await load(createNode())]).toEqual(['Two', 'Two']);
  });

  it('may be used for as long as its host says', async () => {
    web.serveJson(url, document('One'), { 'Cache-Control': 'max-age=3600' });
    await load();
    pass(3599);
    await load();
    expect(web.requests).toHaveLength(1);

    pass(1);
    await load();
    expect(web.requests).toHaveLength(2);
  });

  it('that did not change is not sent again (RFC 9110 §13.1.2)', async () => {
    await approve();
    web.serveJson(url, document('One'), { ETag: '"v1"' });
    await load();
    web.serve(url, { status: 304, headers: { ETag: '"v1"' } });
    pass(minutes(5));

    expect(await load()).toBe('One');
    expect(web.requests[1]?.headers['if-none-match']).toBe('"v1"');
    pass(minutes(5) - 1);
    await load();
    expect(web.requests).toHaveLength(2);
  });

  it('is noted in the log with host, status and what a bot protection says', async () => {
    web.serve(url, { status: 403, headers: { 'cf-mitigated': 'challenge' } });

    await expect(load()).rejects.toThrow('challenged, status 403');

    expect(events('client_document.fetch')).toEqual([
      {
        event: 'client_document.fetch',
        document: 'metadata',
        host: 'tool.example.com',
        status: 403,
        'cf-mitigated': 'challenge',
      },
    ]);
  });
});

describe('a document that cannot be fetched', () => {
  it('is replaced by what it was for thirty days where somebody approved it, and the log says so', async () => {
    await approve();
    await load();
    fails(503);
    pass(days(30) - 1);

    expect([await load(), await load(createNode())]).toEqual(['One', 'One']);
    expect(events('client_document.stale')).toEqual([expect.objectContaining({ reason: 'status 503' })]);
  });

  it('is a temporary failure after thirty days', async () => {
    await approve();
    await load();
    fails(503);
    pass(days(30));

    await expect(load()).rejects.toMatchObject({ kind: 'transient', retryAfterSeconds: 60 });
  });

  it('is a temporary failure at once where nobody approved it: it is kept while it is fresh (R86)', async () => {
    await load();
    fails(503);
    pass(minutes(5));

    await expect(load()).rejects.toMatchObject({ kind: 'transient', retryAfterSeconds: 60 });
  });

  it.each([
    ['the host fails', { status: 503 }],
    ['there is none', { status: 404 }],
    ['it is malformed', { headers: { 'Content-Type': 'application/json' }, body: '{"client_id":' }],
    ['it speaks for another', { headers: { 'Content-Type': 'application/json' }, body: '{"client_id":"https://x/"}' }],
  ])('because %s is asked for again by the next request, on every node (draft-02 §5.2)', async (_name, answer) => {
    web.serve(url, answer);
    await expect(load()).rejects.toThrow();
    await expect(load(createNode())).rejects.toThrow();
    expect(web.requests).toHaveLength(2);
    expect(await store.read(names.clientDocument('metadata', url))).toBeUndefined();

    web.serveJson(url, document('Two'));
    expect(await load()).toBe('Two');
  });

  it('is asked for once by all who wait for it, also when it fails', async () => {
    fails(503);

    const loads = await Promise.allSettled(Array.from({ length: 20 }, () => load()));

    expect(new Set(loads.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(web.requests).toHaveLength(1);
  });

  it('is asked for thirty times a minute, with all others of its domain, and nobody else notices', async () => {
    const other = (host: string, index: number) => `https://${host}/${index}.json`;
    const loadOther = (of: string) => node.load({ url: of, kind: metadata, clientId: of });
    for (let index = 0; index < 30; index += 1) {
      const each = other(index % 2 === 0 ? 'tool.example.com' : 'claude.ai', index);
      web.serve(each, { status: 404 });
      await expect(loadOther(each)).rejects.toThrow('status 404');
    }
    for (let index = 30; index < 60; index += 2) {
      const each = other('tool.example.com', index);
      web.serve(each, { status: 404 });
      await expect(loadOther(each)).rejects.toThrow('status 404');
    }
    web.requests.length = 0;

    await expect(load()).rejects.toMatchObject({
      kind: 'busy',
      message: 'its domain failed too often in this minute',
    });
    expect(web.requests).toHaveLength(0);
    web.serve(other('claude.ai', 99), { status: 404 });
    await expect(loadOther(other('claude.ai', 99))).rejects.toThrow('status 404');

    await approve();
    expect(await load()).toBe('One');
    pass(minutes(1));
    await expect(loadOther(other('tool.example.com', 0))).rejects.toThrow('status 404');
  });

  it('is taken again as soon as it is there, and fresh', async () => {
    await approve();
    await load();
    fails(503);
    pass(minutes(5));
    await load();
    web.serveJson(url, document('Two'));
    pass(60);

    expect(await load()).toBe('Two');
  });

  it.each([404, 410])(
    'because there is none (%d) is final where nobody approved it, until it is there (R77)',
    async (status) => {
      fails(status);
      await expect(load()).rejects.toMatchObject({ kind: 'final' });
      await expect(load(createNode())).rejects.toMatchObject({ kind: 'final' });
      expect(web.requests).toHaveLength(2);

      web.serveJson(url, document('Two'));
      expect(await load()).toBe('Two');
    },
  );

  it.each([404, 410])('because there is none (%d) is final after an hour where somebody did (R77)', async (status) => {
    await approve();
    await load();
    fails(status);
    pass(minutes(5));
    expect(await load()).toBe('One');
    pass(minutes(60) - 1);
    expect(await load()).toBe('One');
    pass(minutes(1));

    await expect(load()).rejects.toMatchObject({ kind: 'final' });
    await expect(load(createNode())).rejects.toMatchObject({ kind: 'final' });
    pass(minutes(1));
    await expect(load()).rejects.toMatchObject({ kind: 'final' });
  });

  it('is kept without an ETag that is longer than any document', async () => {
    await approve();
    web.serveJson(url, document('One'), { ETag: `"${'a'.repeat(8000)}"` });
    await load();

    expect((await store.read(names.clientDocument('metadata', url)))?.value.length).toBeLessThan(1000);
  });
});

describe('the keys of a client', () => {
  const loadKeys = async () => (await node.load({ url: keysUrl, kind: keySet, clientId: url })).keys;

  it('are looked at again after a quarter of an hour, whatever their host says', async () => {
    web.serveJson(keysUrl, { keys: [{ kid: 'old' }] }, { 'Cache-Control': 'max-age=86400' });
    await loadKeys();
    web.serveJson(keysUrl, { keys: [{ kid: 'new' }] });
    pass(minutes(15) - 1);
    expect(await loadKeys()).toEqual([{ kid: 'old' }]);

    pass(1);
    expect(await loadKeys()).toEqual([{ kid: 'new' }]);
  });

  it('stand in for a day where somebody approved the client (R77)', async () => {
    await approve();
    web.serveJson(keysUrl, { keys: [{ kid: 'old' }] });
    await loadKeys();
    web.serve(keysUrl, { status: 500 });
    pass(days(1) - 1);
    expect(await loadKeys()).toEqual([{ kid: 'old' }]);

    pass(1);
    await expect(loadKeys()).rejects.toMatchObject({ kind: 'transient' });
  });

  it('are never mistaken for a document at the same URL', async () => {
    web.serveJson(keysUrl, { keys: [] });
    await loadKeys();

    const mistaken = node.load({ url: keysUrl, kind: metadata, clientId: keysUrl });

    await expect(mistaken).rejects.toMatchObject({ message: 'not client metadata' });
  });
});

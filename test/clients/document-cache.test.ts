import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keySet, metadata } from '../../src/clients/document-content.ts';
import { createTestClock, days, minutes } from '../support/clock.ts';
import { shared } from '../support/shared.ts';
import { openNodes, url } from './document-cache-fixtures.ts';
import { startWeb, strangers } from './document-web.ts';

const keysUrl = 'https://tool.example.com/jwks.json';

const { clock, pass } = createTestClock();
const web = shared(startWeb);
let nodes: ReturnType<typeof openNodes>;
beforeEach(() => {
  nodes = openNodes(web, clock);
  nodes.serveNamed('One');
  web.requests.length = 0;
});
afterEach(() => nodes.store.close());

const load = (of?: string, from = nodes.node) => nodes.load(from, of);
const loadElsewhere = () => load(url, nodes.createNode());
const approve = () => nodes.approve();
const serveNamed: typeof nodes.serveNamed = (...given) => nodes.serveNamed(...given);
const fails = (status: number) => web.serve(url, { status });
const temporary = { kind: 'transient', retryAfterSeconds: 60 };
/** It was there once, and is not from now on; so much later. */
async function failsSince(seconds: number, status = 503) {
  await load();
  fails(status);
  pass(seconds);
}

describe('a document', () => {
  it('is fetched once for all nodes', async () => {
    expect([await load(), await load(), await loadElsewhere()]).toEqual(['One', 'One', 'One']);
    expect(web.requests).toHaveLength(1);
  });

  it('is fetched once for everybody who waits for it', async () => {
    for (let round = 0; round < 50; round += 1) {
      web.requests.length = 0;
      await Promise.all(Array.from({ length: 20 }, () => load()));
      expect(web.requests).toHaveLength(1);
      await nodes.forget();
    }
  });

  it('that changes is seen after five minutes, on every node', async () => {
    await load();
    serveNamed('Two');
    pass(minutes(5) - 1);
    expect(await load()).toBe('One');

    pass(1);
    expect([await load(), await loadElsewhere()]).toEqual(['Two', 'Two']);
  });

  it('may be used for as long as its host says', async () => {
    serveNamed('One', { 'Cache-Control': 'max-age=3600' });
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
    serveNamed('One', { ETag: '"v1"' });
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

    const event = 'client_document.fetch';
    const said = { event, document: 'metadata', host: 'tool.example.com', status: 403, 'cf-mitigated': 'challenge' };
    expect(nodes.said(event)).toEqual([said]);
  });
});

describe('a document that cannot be fetched', () => {
  it('is replaced by what it was for thirty days where somebody approved it, and the log says so', async () => {
    await approve();
    await failsSince(days(30) - 1);

    expect([await load(), await loadElsewhere()]).toEqual(['One', 'One']);
    expect(nodes.said('client_document.stale')).toEqual([expect.objectContaining({ reason: 'status 503' })]);
  });

  it('is a temporary failure after thirty days', async () => {
    await approve();
    await failsSince(days(30));

    await expect(load()).rejects.toMatchObject(temporary);
  });

  it('is a temporary failure at once where nobody approved it: it is kept while it is fresh (R86)', async () => {
    await failsSince(minutes(5));

    await expect(load()).rejects.toMatchObject(temporary);
  });

  it.each([
    ['the host fails', { status: 503 }],
    ['there is none', { status: 404 }],
    ['it is malformed', { headers: { 'Content-Type': 'application/json' }, body: '{"client_id":' }],
    ['it speaks for another', { headers: { 'Content-Type': 'application/json' }, body: '{"client_id":"https://x/"}' }],
  ])('because %s is asked for again by the next request, on every node (draft-02 §5.2)', async (_name, answer) => {
    web.serve(url, answer);
    await expect(load()).rejects.toThrow();
    await expect(loadElsewhere()).rejects.toThrow();
    expect(web.requests).toHaveLength(2);
    expect(await nodes.kept()).toBeUndefined();

    serveNamed('Two');
    expect(await load()).toBe('Two');
  });

  it('is asked for once by all who wait for it, also when it fails', async () => {
    fails(503);

    const loads = await Promise.allSettled(Array.from({ length: 20 }, () => load()));

    expect(new Set(loads.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(web.requests).toHaveLength(1);
  });

  it('is asked for thirty times a minute, with all others of its domain, and nobody else notices', async () => {
    const expectMissing = (host: string, index: number) => {
      const of = `https://${host}/${index}.json`;
      web.serve(of, { status: 404 });
      return expect(load(of)).rejects.toThrow('status 404');
    };
    for (let index = 0; index < 30; index += 1)
      await expectMissing(index % 2 === 0 ? 'tool.example.com' : 'claude.ai', index);
    for (let index = 30; index < 60; index += 2) await expectMissing('tool.example.com', index);
    web.requests.length = 0;

    const busy = { kind: 'busy', message: 'its domain failed too often in this minute' };
    await expect(load()).rejects.toMatchObject(busy);
    expect(web.requests).toHaveLength(0);
    await expectMissing('claude.ai', 99);

    await approve();
    expect(await load()).toBe('One');
    pass(minutes(1));
    await expectMissing('tool.example.com', 0);
  });

  it('is taken again as soon as it is there, and fresh', async () => {
    await approve();
    await failsSince(minutes(5));
    await load();
    serveNamed('Two');
    pass(60);

    expect(await load()).toBe('Two');
  });

  it.each([404, 410])(
    'because there is none (%d) is final where nobody approved it, until it is there (R77)',
    async (status) => {
      fails(status);
      for (const from of [() => load(), loadElsewhere]) await expect(from()).rejects.toMatchObject({ kind: 'final' });
      expect(web.requests).toHaveLength(2);

      serveNamed('Two');
      expect(await load()).toBe('Two');
    },
  );

  it.each([404, 410])('because there is none (%d) is final after an hour where somebody did (R77)', async (status) => {
    await approve();
    await failsSince(minutes(5), status);
    expect(await load()).toBe('One');
    pass(minutes(60) - 1);
    expect(await load()).toBe('One');
    pass(minutes(1));

    for (const from of [() => load(), loadElsewhere]) await expect(from()).rejects.toMatchObject({ kind: 'final' });
    pass(minutes(1));
    await expect(load()).rejects.toMatchObject({ kind: 'final' });
  });

  it('is kept without an ETag that is longer than any document', async () => {
    await approve();
    serveNamed('One', { ETag: `"${'a'.repeat(8000)}"` });
    await load();

    expect((await nodes.kept())?.value.length).toBeLessThan(1000);
  });
});

describe('the keys of a client', () => {
  const loadKeys = async () => (await nodes.node.load({ url: keysUrl, kind: keySet, clientId: url })).keys;

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

    const mistaken = nodes.node.load({ url: keysUrl, kind: metadata, clientId: keysUrl });
    await expect(mistaken).rejects.toMatchObject({ message: 'not client metadata' });
  });
});

/** Eight documents on each host, none of which is answered until `finish`. Goes on when every host was asked for all. */
async function hang(hosts: readonly string[]) {
  const urls = hosts.flatMap((host) => Array.from({ length: 8 }, (_, index) => `https://${host}/${index}.json`));
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: reached, resolve: tell } = Promise.withResolvers<void>();
  let arrived = 0;
  for (const each of urls) {
    web.serve(each, (response) => {
      arrived += 1;
      if (arrived === urls.length) tell();
      void released.then(() => response.writeHead(404).end());
    });
  }
  const requests = Promise.allSettled(urls.map((each) => load(each)));
  await reached;
  return {
    async finish() {
      release();
      await requests;
    },
  };
}

const busy = { message: 'too many documents are being fetched', retryAfterSeconds: 3 };

describe('while hosts let us wait', () => {
  it('64 connections are open and no more, old documents are served, and nothing of it is remembered', async () => {
    await nodes.approve();
    await load();
    pass(minutes(5));
    const rush = await hang(strangers);

    const another = 'https://claude.ai/another.json';
    nodes.serveNamed('Two', {}, another);
    await expect(load(another)).rejects.toMatchObject(busy);
    expect(await load()).toBe('One');

    await rush.finish();
    expect(await load(another)).toBe('Two');
  });

  it('one domain has eight of the connections, and others do not notice', async () => {
    const rush = await hang(['stranger0.test']);

    await expect(load('https://stranger0.test/9.json')).rejects.toMatchObject(busy);
    expect(await load()).toBe('One');
    await rush.finish();
  });
});

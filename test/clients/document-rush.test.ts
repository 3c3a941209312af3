import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDocumentCache, type DocumentCache } from '../../src/clients/document-cache.ts';
import { metadata } from '../../src/clients/document-content.ts';
import { openStore, type Store } from '../../src/storage/index.ts';
import { createTestClock, days, minutes } from '../support/clock.ts';
import { type DocumentWeb, startWeb, strangers } from './document-web.ts';

const url = 'https://tool.example.com/client.json';
const names = {
  clientDocument: (kind: string, of: string) => `client-document:${kind} ${of}`,
  documentApproval: (clientId: string) => `document-approval:${clientId}`,
  registrationUse: (clientId: string) => `registration-use:${clientId}`,
};

const { clock, pass } = createTestClock();
let web: DocumentWeb;
let store: Store;
let cache: DocumentCache;

beforeAll(async () => {
  web = await startWeb();
});
afterAll(() => web.close());
beforeEach(() => {
  store = openStore({ kind: 'sqlite', file: ':memory:' }, () => {}, clock);
  cache = createDocumentCache({ store, names, network: web.network, events: { emit: () => {} }, clock });
  web.serveJson(url, { client_id: url, client_name: 'One', redirect_uris: ['http://127.0.0.1/callback'] });
});
afterEach(() => store.close());

const load = async (of = url) => (await cache.load({ url: of, kind: metadata, clientId: of })).client_name;

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
    await store.write(names.documentApproval(url), '{}', days(61));
    await load();
    pass(minutes(5));
    const rush = await hang(strangers);

    const another = 'https://claude.ai/another.json';
    web.serveJson(another, { client_id: another, client_name: 'Two', redirect_uris: ['http://127.0.0.1/callback'] });
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

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClientDocuments } from '../../src/clients/index.ts';
import { openStore } from '../../src/storage/index.ts';
import { type DocumentWeb, startWeb } from './document-web.ts';

const url = 'https://tool.example.com/client.json';
const tool = { client_id: url, redirect_uris: ['http://127.0.0.1/callback'] };

let web: DocumentWeb;

beforeAll(async () => {
  web = await startWeb();
});
afterAll(() => web.close());

function createDocuments() {
  return createClientDocuments({
    policy: { enabled: true, allow: [], deny: [], pinned: [] },
    store: openStore({ kind: 'sqlite', file: ':memory:' }, () => {}),
    keys: { clientDocument: (kind, url) => `${kind} ${url}`, documentApproval: (id) => `approval ${id}` },
    network: web.network,
    log: { debug: () => {}, warn: () => {} },
  });
}

/** Where pages of the flow and programs ask for a client: outside of the protocol's own requests. */
const outside = undefined as never;

describe('the fetch of the provider', () => {
  const asked: unknown[][] = [];
  const other = async (...parameters: unknown[]) => {
    asked.push(parameters);
    return new Response('of the other');
  };

  it('answers with the document that was loaded for it, and sends nothing', async () => {
    web.serveJson(url, tool);
    const { feature, createFetch } = createDocuments();
    await feature.allowFetch(outside, url);
    const sent = web.requests.length;

    const response = await createFetch(other)(url);

    expect(await response.json()).toMatchObject(tool);
    expect(web.requests).toHaveLength(sent);
    expect(asked).toEqual([]);
  });

  it('leaves everything else, unchanged, to whoever did it before', async () => {
    const init = { method: 'POST', body: 'logout_token=x' };

    const response = await createDocuments().createFetch(other)('https://tool.example.com/sign-out', init);

    expect(await response.text()).toBe('of the other');
    expect(asked).toEqual([['https://tool.example.com/sign-out', init]]);
  });
});

describe('a client outside of a request', () => {
  it.each([
    [404, { name: 'InvalidClient', status: 400 }],
    [503, { name: 'ClientDocumentUnavailable', status: 503, code: 'CLIENT_DOCUMENT_UNAVAILABLE' }],
  ])('whose host answers %d is an error of the same kind', async (status, error) => {
    web.serve(url, { status });

    await expect(createDocuments().feature.allowFetch(outside, url)).rejects.toMatchObject(error);
  });
});

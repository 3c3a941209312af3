import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createBulkheads } from '../../src/clients/bulkhead.ts';
import { requestDocument } from '../../src/clients/document-request.ts';
import { shared } from '../support/shared.ts';
import { publicAddress, startWeb } from './document-web.ts';

const url = 'https://tool.example.com/client.json?version=2';
const web = shared(startWeb);
beforeEach(() => web.serveJson(url, { client_id: url }));
afterEach(() => {
  web.resolves('tool.example.com', [publicAddress]);
  web.requests.length = 0;
  web.connected.length = 0;
});

const tooLong = { message: 'it took too long', kind: 'transient' };
const notPublic = { message: 'the host resolves to an address that is not public', kind: 'transient' };

const get = (href = url, etag?: string) => requestDocument(href, { network: web.network, etag, timeoutMs: 30_000 });

describe('a request for a document', () => {
  it('brings status, headers and body', async () => {
    const answer = { status: 200, headers: { 'content-type': 'application/json' } };
    expect(await get()).toMatchObject({ ...answer, body: JSON.stringify({ client_id: url }) });
  });

  it('says who asks, and for what (R76)', async () => {
    await get(url, '"v1"');

    const headers = {
      accept: 'application/json',
      'user-agent': expect.stringMatching(/^bkend-mcp-auth\/\d+\.\d+\.\d+ /),
      'if-none-match': '"v1"',
      'accept-encoding': 'identity',
      connection: 'close',
      host: 'tool.example.com',
    };
    expect(web.requests).toEqual([{ url, headers: expect.objectContaining(headers) }]);
  });

  it('follows no redirect (draft-ietf-oauth-client-id-metadata-document-02 §5)', async () => {
    web.serve(url, { status: 302, headers: { Location: 'https://claude.ai/elsewhere.json' } });

    expect(await get()).toMatchObject({ status: 302 });
    expect(web.requests).toHaveLength(1);
  });

  it('reads 64 KB', async () => {
    web.serve(url, { body: 'x'.repeat(65_536) });

    expect((await get()).body).toHaveLength(65_536);
  });

  it('reads no more than 64 KB (draft-ietf-oauth-client-id-metadata-document-02 §8.7)', async () => {
    web.serve(url, { body: 'x'.repeat(65_537) });

    await expect(get()).rejects.toMatchObject({ message: 'larger than 64 KB', kind: 'transient' });
  });

  it('stops reading a body without an end', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    web.serve(url, (response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      };
      response.on('drain', more).on('close', resolve);
      more();
    });

    await expect(get()).rejects.toMatchObject({ message: 'larger than 64 KB' });
    await closed;
  });

  it.each([
    ['never answers', () => {}],
    ['answers a drop at a time', (response: import('node:http').ServerResponse) => response.write('{')],
  ])('gives up on a host that %s', async (_name, answer) => {
    web.serve(url, answer);

    const waiting = requestDocument(url, { network: web.network, timeoutMs: 150 });

    await expect(waiting).rejects.toMatchObject(tooLong);
  });

  it.each([
    ['that does not resolve in time', { timeoutMs: 150 }],
    ['before it gives up on a host', { timeoutMs: 600_000, lookupTimeoutMs: 50 }],
  ])('gives up on a name %s', (_name, timeouts) => {
    const network = { ...web.network, resolve: () => new Promise<string[]>(() => {}) };
    return expect(requestDocument(url, { network, ...timeouts })).rejects.toMatchObject(tooLong);
  });

  it('trusts no certificate of another host', async () => {
    await expect(get('https://impostor.example.com/client.json')).rejects.toMatchObject({
      message: 'ERR_TLS_CERT_ALTNAME_INVALID',
      kind: 'transient',
    });
    expect(web.requests).toEqual([]);
  });
});

describe('an address that is not public', () => {
  it.each([
    ['loopback', ['127.0.0.1']],
    ['the metadata service of a cloud', ['169.254.169.254']],
    ['loopback as IPv6', ['::1']],
    ['an IPv4 address inside of IPv6', ['::ffff:10.0.0.1']],
    ['NAT64', ['64:ff9b::a00:1']],
    ['one of several', [publicAddress, '10.0.0.1']],
  ])('is never connected to: %s (draft-ietf-oauth-client-id-metadata-document-02 §8.6)', async (_name, addresses) => {
    web.resolves('tool.example.com', addresses);

    await expect(get()).rejects.toMatchObject(notPublic);
    expect({ connected: web.connected, requests: web.requests }).toEqual({ connected: [], requests: [] });
  });

  it('is not reached by a name that changes between check and connection (DNS rebinding)', async () => {
    for (let round = 0; round < 50; round += 1) {
      web.resolves('tool.example.com', [publicAddress], ['127.0.0.1'], ['169.254.169.254']);

      await get();
      await expect(get()).rejects.toMatchObject(notPublic);
      await expect(get()).rejects.toMatchObject(notPublic);
    }

    expect(new Set(web.connected)).toEqual(new Set([publicAddress]));
    expect(web.requests).toHaveLength(50);
  });

  it('is not reached by a name that resolves to it first and to another one then', async () => {
    web.resolves('tool.example.com', ['127.0.0.1'], [publicAddress]);

    await expect(get()).rejects.toMatchObject(notPublic);
    expect(web.connected).toEqual([]);
    expect((await get()).status).toBe(200);
  });

  it('stops nobody whose name has no address at all for longer than that lasts', async () => {
    web.resolves('tool.example.com', []);

    await expect(get()).rejects.toMatchObject({ message: 'the host has no address', kind: 'transient' });
  });
});

describe('at the same time', () => {
  /** Requests for names for which no answer comes until `release`; `asked` resolves when all of them were asked for. */
  function hangingNames(count: number, hostOf: (index: number) => string) {
    const { promise: asked, resolve: tell } = Promise.withResolvers<void>();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    let names = 0;
    const resolve = async (host: string) => {
      if (host === 'tool.example.com') return web.network.resolve(host);
      names += 1;
      if (names === count) tell();
      await released;
      return [];
    };
    const patience = { timeoutMs: 600_000, lookupTimeoutMs: 600_000 };
    const options = { network: { ...web.network, resolve }, bulkheads: createBulkheads(), ...patience };
    const urls = Array.from({ length: count }, (_, index) => `https://${hostOf(index)}/c`);
    const requests = Promise.allSettled(urls.map((each) => requestDocument(each, options)));
    return { options, asked, release, requests };
  }

  it('names without an answer take nothing from other names, nor from connections', async () => {
    const { options, asked, release, requests } = hangingNames(200, (index) => `tool.hanging${index}.test`);
    await asked;

    expect(await requestDocument(url, options)).toMatchObject({ status: 200 });
    release();
    await requests;
  });

  it('one domain is asked for eight of its names, and whoever wants a ninth comes back in a moment', async () => {
    const { options, asked, release, requests } = hangingNames(8, (index) => `tool${index}.hanging.test`);
    await asked;

    const ninth = () => requestDocument('https://tool9.hanging.test/c', options);

    await expect(ninth()).rejects.toMatchObject({ kind: 'busy', retryAfterSeconds: 3 });
    expect(await requestDocument(url, options)).toMatchObject({ status: 200 });
    release();
    await requests;
    await expect(ninth()).rejects.toMatchObject({ message: 'the host has no address' });
  });
});

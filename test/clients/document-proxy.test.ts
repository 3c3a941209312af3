import { createServer } from 'node:http';
import { type AddressInfo, connect as connectTo } from 'node:net';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ProxyAgent } from 'undici';
import { createProxy } from '../../src/clients/document-proxy.ts';
import { createMachineNetwork, type Network, requestDocument } from '../../src/clients/document-request.ts';
import { loadConfig } from '../../src/config/index.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { type DocumentWeb, startWeb } from './document-web.ts';

/** A forward proxy: tunnels to the piece of the web, whatever the name, and remembers what it was asked. */
async function startProxy(web: DocumentWeb) {
  const asked: { to: string | undefined; credentials: string | undefined }[] = [];
  let refuses: number | undefined;
  const server = createServer();
  server.on('connect', (request, socket) => {
    asked.push({ to: request.url, credentials: request.headers['proxy-authorization'] });
    if (refuses !== undefined) return void socket.end(`HTTP/1.1 ${refuses} No\r\n\r\n`);
    const onward = connectTo(web.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const each of [onward, socket]) each.on('error', () => onward.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise((resolve) => server.close(resolve));
  const refuse = (status: number | undefined) => {
    refuses = status;
  };
  return { url: `http://user:secret@127.0.0.1:${(server.address() as AddressInfo).port}`, asked, refuse, close };
}

const web = shared(startWeb);
const proxy = shared(() => startProxy(web));
beforeEach(() => {
  proxy.asked.length = 0;
  web.resolved.length = 0;
  proxy.refuse(undefined);
});

const document = 'https://tool.example.com/client.json';

/** Ours but for the certificate that the piece of the web has. */
function through(...except: string[]): Network {
  const { reaches } = createProxy({ url: proxy.url, except });
  const createAgent: NonNullable<Network['proxy']>['createAgent'] = (options) =>
    new ProxyAgent({ ...options, uri: proxy.url, requestTls: { ...options.requestTls, ca: web.certificate } });
  return { ...web.network, proxy: { reaches, createAgent } };
}

describe('a metadata document behind HTTPS_PROXY (R121)', () => {
  it('comes through the proxy, which is told the name; nothing is resolved here', async () => {
    web.serveJson(document, { client_id: document });
    const { status, body } = await requestDocument(document, { network: through() });
    expect([status, JSON.parse(body)]).toEqual([200, { client_id: document }]);
    expect(proxy.asked).toEqual([
      { to: 'tool.example.com:443', credentials: `Basic ${Buffer.from('user:secret').toString('base64')}` },
    ]);
    expect(web.resolved).toEqual([]);
  });

  it.each(['tool.example.com', 'example.com', '.example.com', '*.example.com', 'other.test, ', 'EXAMPLE.com:443', '*'])(
    'comes without it where NO_PROXY says %s',
    async (entry) => {
      web.serveJson(document, { client_id: document });
      const isOther = entry.startsWith('other');
      await requestDocument(document, { network: through(entry) });
      expect(proxy.asked).toHaveLength(isOther ? 1 : 0);
      expect(web.resolved).toEqual(isOther ? [] : ['tool.example.com']);
    },
  );

  const local = 'intranet files localhost printer.local vault.internal router.home.arpa db.corp a.localhost';
  it.each(local.split(' '))(
    'is refused by its name, %s, before the proxy is asked: nobody here sees the address',
    async (host) => {
      const refused = { message: expect.stringContaining('the name of the host is not public'), kind: 'transient' };
      const asked = requestDocument(`https://${host}/client.json`, { network: through() });
      await expect(asked).rejects.toMatchObject(refused);
      expect(proxy.asked).toEqual([]);
    },
  );

  it('that the proxy refuses is unavailable, and says why', async () => {
    proxy.refuse(407);
    const refused = { message: expect.stringContaining('the proxy answered 407'), kind: 'transient' };
    await expect(requestDocument(document, { network: through() })).rejects.toMatchObject(refused);
  });

  it('is as large and takes as long as any other', async () => {
    web.serve(document, { body: 'x'.repeat(70_000) });
    await expect(requestDocument(document, { network: through() })).rejects.toThrow('larger than 64 KB');
    web.serve(document, () => undefined);
    await expect(requestDocument(document, { network: through(), timeoutMs: 300 })).rejects.toThrow('too long');
  });
});

describe('a whole server with HTTPS_PROXY', () => {
  it('asks the proxy for the client of an authorization request, which nobody here resolves', async () => {
    proxy.refuse(403);
    await using server = await startServer({ env: { HTTPS_PROXY: proxy.url } });
    const redirect_uri = 'http://127.0.0.1/cb';
    const asked = new URLSearchParams({ client_id: document, response_type: 'code', redirect_uri });
    const { status } = await fetch(`${server.issuer}/oauth/authorize?${asked}`, { redirect: 'manual' });
    expect([status, proxy.asked.map(({ to }) => to)]).toEqual([503, ['tool.example.com:443']]);
    expect(JSON.stringify(server.logLines)).not.toContain('secret');
  });
});

describe('the setting HTTPS_PROXY', () => {
  const env = { DATABASE: ':memory:' };
  const url = 'http://proxy:3128';
  it('is none unless told', () => {
    expect(loadConfig(env).egressProxy).toBeUndefined();
    expect(createMachineNetwork()).not.toHaveProperty('proxy');
  });

  it.each([
    [{ HTTPS_PROXY: url, NO_PROXY: 'a.example, .b.example' }, url, ['a.example', '.b.example']],
    [{ https_proxy: 'proxy:3128', no_proxy: '*' }, url, ['*']],
    [{ HTTPS_PROXY: '', https_proxy: 'https://user:p@proxy' }, 'https://user:p@proxy', []],
  ])('%j is read', (set, egress, except) =>
    expect(loadConfig({ ...env, ...set }).egressProxy).toEqual({ url: egress, except }),
  );

  it.each(['socks5://proxy:1080', 'http://', 'http://proxy/path', 'http://user:very secret@'])(
    '%s is refused, without being said',
    (url) => {
      expect(() => loadConfig({ ...env, HTTPS_PROXY: url })).toThrow(/HTTPS_PROXY +must look like/);
      expect(() => loadConfig({ ...env, HTTPS_PROXY: url })).not.toThrow(/very secret/);
    },
  );
});

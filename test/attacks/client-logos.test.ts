import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { maxLogoBytes } from '../../src/clients/index.ts';
import { documentClient } from '../clients/document-client.ts';
import { startWeb } from '../clients/document-web.ts';
import { createTestClock, days } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

/** What a stranger's tool shows people as its logo (of no chapter). */
const signature = '\x89PNG\r\n\x1a\n\0\0\0\rIHDR';
const png = (rest = 'a picture') => Buffer.from(signature + rest, 'latin1');
const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
const html = '<!doctype html><script>alert(1)</script>';
const redirectUri = 'http://127.0.0.1:8765/callback';

const configured = { client_id: 'configured', client_name: 'Ours', redirect_uris: [redirectUri] };
const { clock, pass } = createTestClock();
const web = shared(startWeb);
const node = (issuer?: string) => {
  const logo = `data:;base64,${png('ours').toString('base64')}`;
  const policy = { clientDocuments: { deny: ['stranger7.test'] }, clients: [{ ...configured, logo }] };
  return startServer({ policy, parts: { network: web.network, clock }, ...(issuer && { issuer }) });
};
const server = shared(() => node());

let count = 0;
/** A client of its own, whose document names this picture. */
function publish(logo_uri: string, name = 'A tool'): string {
  count += 1;
  const url = `https://tool.example.com/${count}.json`;
  web.serveJson(url, { client_id: url, client_name: name, redirect_uris: [redirectUri], logo_uri });
  return url;
}

function serve(url: string, body: Buffer | string, type = 'image/png'): void {
  web.serve(url, (response) => void response.writeHead(200, { 'Content-Type': type }).end(body));
}

const requestOf = (clientId: string) => documentClient(server.issuer, clientId, redirectUri).authorizationRequest().url;

async function pageOf(clientId: string) {
  const { status, html: page } = await createPerson(server.origin).browser.open(requestOf(clientId).href);
  expect(status).toBe(200);
  const [, src] = /<img class="logo" src="([^"]+)"/.exec(page) ?? [];
  return { page, src: src?.replaceAll('&amp;', '&') };
}

/** The page that has the picture; the one before it began to fetch it. */
async function shownLogo(clientId: string): Promise<string> {
  let src: string | undefined;
  await eventually(async () => {
    src = (await pageOf(clientId)).src;
    return src !== undefined;
  });
  return String(src);
}

const bytesAt = async (src: string | undefined) => Buffer.from(await (await fetch(server.origin + src)).arrayBuffer());
const askedFor = (logo: string) => web.requests.filter(({ url }) => url === logo).length;

const errorsOf = (host: string) =>
  server.logLines.filter(
    (line) => line.event === 'client_document.error' && line.document === 'logo' && line.host === host,
  );

describe('the logo of a client with a document', () => {
  it('is not on the first page, which waits for nobody, but on the next, from here and from no other host', async () => {
    const logo = 'https://tool.example.com/logo.png';
    serve(logo, png());
    const client = publish(logo);

    const first = await pageOf(client);
    expect(first.src).toBeUndefined();
    expect(first.page).toContain('<bdi>A</bdi>');

    const src = await shownLogo(client);
    expect(src).toMatch(/^\/mcp\/oauth\/logos\/[\w-]{43}\?/);
    const answer = await fetch(server.origin + src);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(png());
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/png',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cache-control': 'public, max-age=31536000, immutable',
      'cross-origin-resource-policy': 'same-origin',
    });
    const etag = String(answer.headers.get('etag'));
    expect((await fetch(server.origin + src, { headers: { 'If-None-Match': etag } })).status).toBe(304);
    expect(askedFor(logo)).toBe(1);
  });

  it.each([
    ['jpeg', 'image/jpeg', '\xff\xd8\xff\xe0'],
    ['gif', 'image/gif', 'GIF89a'],
    ['webp', 'image/webp', 'RIFF\0\0\0\0WEBPVP8 '],
  ])('may be %s, on another host than the document', async (name, type, start) => {
    const logo = `https://stranger0.test/logo.${name}`;
    serve(logo, Buffer.from(`${start}…`, 'latin1'), type);

    expect((await fetch(server.origin + (await shownLogo(publish(logo))))).headers.get('content-type')).toBe(type);
  });

  it('that is a web page behind its first bytes is a picture to the browser, whatever it was called', async () => {
    const logo = 'https://stranger0.test/polyglot';
    serve(logo, `GIF89a/*${html}*/`, 'image/png');

    const answer = await fetch(server.origin + (await shownLogo(publish(logo))));

    const asPicture = { 'content-type': 'image/gif', 'x-content-type-options': 'nosniff' };
    const policy = { 'content-security-policy': expect.stringContaining('sandbox') };
    expect(Object.fromEntries(answer.headers)).toMatchObject({ ...asPicture, ...policy });
  });

  const says = (type: string | undefined, body: Buffer | string) => (response: ServerResponse) =>
    void response.writeHead(200, type === undefined ? {} : { 'Content-Type': type }).end(body);
  const leadsTo = (Location: string) => (response: ServerResponse) => void response.writeHead(302, { Location }).end();
  const slowly = (response: ServerResponse) =>
    void response.writeHead(200, { 'Content-Type': 'image/png' }).write('\x89');
  const never = () => {};
  const tenMegabytes = Buffer.concat([png(), Buffer.alloc(10_000_000)]);
  const neither = 'neither PNG nor JPEG, WebP or GIF';
  const inside = 'the host resolves to an address that is not public';

  it.each<[string, string, (response: ServerResponse) => void, string]>([
    ['is SVG by its type', '', says('image/svg+xml', svg), neither],
    ['is SVG by its type and PNG by its bytes', '', says('image/svg+xml', png()), neither],
    ['is SVG by its bytes', '', says('image/png', svg), neither],
    ['is a page that is called a picture', '', says('image/gif', html), neither],
    ['is a page that begins like a picture', '', says('text/html', `GIF89a${html}`), neither],
    ['has no type', '', says(undefined, png()), neither],
    ['is nothing', '', says('image/png', ''), neither],
    ['has ten megabytes', '', says('image/png', tenMegabytes), 'larger than 256 KB'],
    ['never ends', '', slowly, 'it took too long'],
    ['leads into our network', '', leadsTo('https://169.254.169.254/'), 'status 302'],
    ['leads elsewhere', '', leadsTo('https://zed.dev/logo.png'), 'status 302'],
    ['is in our network by its name', 'https://stranger3.test/logo.png', never, inside],
    ['is in our network by its address', 'https://169.254.169.254/logo.png', never, 'an IP address for a host'],
    ['is on this computer', 'https://[::1]/logo.png', never, 'an IP address for a host'],
    ['is at another port', 'https://stranger2.test:8443/logo.png', never, 'a port other than 443'],
    ['is on a host that is denied', 'https://stranger7.test/logo.png', never, 'the host is on the deny list'],
  ])('that %s is not shown', async (_name, at, answer, reason) => {
    const logo = at || `https://stranger1.test/${count}`;
    const { hostname } = new URL(logo);
    const host = hostname.replace(/^\[|\]$/g, '');
    const before = errorsOf(host).length;
    web.resolves('stranger3.test', ['10.0.0.1']);
    web.serve(logo, answer);
    const client = publish(logo);

    expect((await pageOf(client)).src).toBeUndefined();
    await eventually(() => errorsOf(host).length > before);

    expect(errorsOf(host).at(-1)).toMatchObject({ reason });
    expect((await pageOf(client)).src).toBeUndefined();
    // Asked once, and left alone for a while.
    expect(errorsOf(host)).toHaveLength(before + 1);
  });

  it('that has exactly 256 kB is shown', async () => {
    const logo = 'https://stranger4.test/logo.png';
    serve(logo, Buffer.concat([png(''), Buffer.alloc(maxLogoBytes - signature.length)]));

    expect(await shownLogo(publish(logo))).toContain('/logos/');
  });

  it('that is changed after the consent has another address, and the former one never shows it', async () => {
    const logo = 'https://stranger5.test/logo.png';
    serve(logo, png('one'));
    const client = publish(logo);
    const former = await shownLogo(client);
    await createPerson(server.origin).approves(requestOf(client));

    serve(logo, png('two'));
    pass(days(1));
    let present = former;
    await eventually(async () => {
      present = String((await pageOf(client)).src);
      return present !== former;
    });

    expect(await bytesAt(present)).toEqual(png('two'));
    expect((await fetch(server.origin + former)).status).toBe(404);
  });

  it('that became SVG is shown no more; one whose host is away is', async () => {
    const logos = ['https://stranger6.test/a.png', 'https://stranger6.test/b.png'] as const;
    for (const logo of logos) serve(logo, png(logo));
    const [turned, away] = logos.map((logo) => publish(logo)) as [string, string];
    for (const client of [turned, away]) await shownLogo(client);

    serve(logos[0], svg, 'image/svg+xml');
    web.serve(logos[1], { status: 503 });
    pass(days(1));
    for (const client of [turned, away]) await pageOf(client);
    await eventually(() => errorsOf('stranger6.test').length >= 2);

    expect((await pageOf(turned)).src).toBeUndefined();
    expect((await pageOf(away)).src).toBeDefined();
  });

  it('is fetched once, however many ask', async () => {
    const logo = 'https://stranger0.test/once.png';
    const held = Promise.withResolvers<ServerResponse>();
    web.serve(logo, (response) => held.resolve(response));
    const client = publish(logo);

    const pages = await Promise.all(Array.from({ length: 10 }, () => pageOf(client)));
    const response = await held.promise;
    response.writeHead(200, { 'Content-Type': 'image/png' }).end(png());
    await once(response, 'finish');
    await shownLogo(client);

    expect(pages.every(({ src }) => src === undefined)).toBe(true);
    expect(askedFor(logo)).toBe(1);
  });

  it('is fetched by another node that is asked for it, and by nobody who only knows its address', async () => {
    await using other = await node(server.issuer);
    const logo = 'https://stranger0.test/nodes.png';
    serve(logo, png('nodes'));
    const src = await shownLogo(publish(logo));
    const forged = src.replace(/proof=./, (start) => `proof=${start.endsWith('A') ? 'B' : 'A'}`);

    for (const guess of [forged, src.replace(/\?.*/, '')]) expect((await fetch(other.origin + guess)).status).toBe(404);
    expect(askedFor(logo)).toBe(1);
    const answer = await fetch(other.origin + src);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(png('nodes'));
    expect(askedFor(logo)).toBe(2);
  });

  it('is not shown where the name pretends (R92)', async () => {
    const logo = 'https://tool.example.com/claude.png';
    serve(logo, png());
    const client = publish(logo, 'Claude');

    const { page } = await pageOf(client);

    expect(page).toContain('There is a well-known tool called <bdi>Claude</bdi>');
    expect((await pageOf(client)).src).toBeUndefined();
    expect(askedFor(logo)).toBe(0);
  });
});

describe('the logo of another client', () => {
  it('is the operator’s, where it is configured, and on the first page', async () => {
    const { src, page } = await pageOf('configured');

    expect(page).toContain('Known to <bdi>bkend</bdi>');
    expect(await bytesAt(src)).toEqual(png('ours'));
  });

  it('is neither shown nor fetched, where it registered itself', async () => {
    const before = web.requests.length;
    const logo_uri = 'https://tool.example.com/logo.png';
    const { clientId } = await registerClient(server.issuer, { redirect_uris: [redirectUri], logo_uri });

    const { page, src } = await pageOf(clientId);

    expect(page).toContain('Not verified');
    expect([src, web.requests.length]).toEqual([undefined, before]);
  });
});

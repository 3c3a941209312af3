import { once } from 'node:events';
import { createServer, type OutgoingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPageHeaders } from '../../src/http/page-script.ts';
import { createRenderer } from '../../src/http/render.ts';
import { createStylesheet } from '../../src/http/stylesheet.ts';
import { devToolsOf, lookAt } from './accessibility.ts';
import { launchBrowser } from './browser.ts';
import { ordinary, type SamplePages, samplePages, type Words } from './sample-pages.ts';

/** One pixel. */
const logo = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

export async function openPageWindow() {
  const render = createRenderer();
  const stylesheet = createStylesheet({ accentColor: '#3b5bdb', folder: '/assets' });
  const arrivals: string[] = [];
  const complaints: string[] = [];
  const headersOf = createPageHeaders();
  let headers = headersOf('');
  let html = '';

  const files = new Map<string, { headers: OutgoingHttpHeaders; body: string | Buffer }>([
    [stylesheet.path, stylesheet],
    ['/logo.png', { headers: { 'Content-Type': 'image/png' }, body: logo }],
  ]);
  const server = createServer((request, response) => {
    const url = request.url ?? '';
    if (request.method === 'POST') return response.writeHead(303, { Location: callback }).end();
    if (url === '/page') return response.writeHead(200, { ...headers, 'Content-Type': 'text/html' }).end(html);
    const file = files.get(url);
    if (file) return response.writeHead(200, file.headers).end(file.body);
    if (url === '/callback') arrivals.push(request.headers.host ?? '');
    return response.writeHead(204).end();
  });
  const port = await listen(server);
  const callback = `http://localhost:${port}/callback`;
  const browser = await launchBrowser();
  const page = await browser.newPage({ reducedMotion: 'reduce' });
  const devTools = await devToolsOf(page);
  await devTools.send('Animation.enable');
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  const samples = (words: Words = ordinary, language = 'en') => samplePages(words, stylesheet.path, language);

  return {
    page,
    /** Where a posted form is sent on to. */
    callback,
    /** What the browser had to say against the pages. */
    complaints,
    /** The hosts at which the callback was reached. */
    arrivals,
    samples,
    async show<T extends keyof SamplePages>(template: T, shown: SamplePages[T] = samples()[template]) {
      html = render(template === 'step-up' || template === 'with-logo' ? 'consent' : template, shown);
      headers = headersOf(template);
      await page.goto(`http://127.0.0.1:${port}/page`);
    },
    /** Wide, light, nothing said, time goes on. */
    async reset() {
      complaints.length = 0;
      arrivals.length = 0;
      await devTools.send('Animation.setPlaybackRate', { playbackRate: 1 });
      await lookAt(page, {});
    },
    /** Time stands still on this and every page that is shown, but for what passes. */
    async stopTime() {
      await devTools.send('Animation.setPlaybackRate', { playbackRate: 0 });
    },
    /** Lets so much time pass for whatever moves on the page now. */
    async pass(ms: number) {
      await page.evaluate(`for (const each of document.getAnimations()) each.currentTime += ${ms}`);
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      server.close();
    },
  };
}

/** A browser window onto single pages, each sent as the service would send it, and nothing behind them. */
export type PageWindow = Awaited<ReturnType<typeof openPageWindow>>;

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

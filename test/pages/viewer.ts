import type { Page } from 'playwright-core';
import { lookAt, type ModeName, modes } from '../support/accessibility.ts';
import { launchBrowser } from '../support/browser.ts';
import type { Seen } from './house.ts';

/** A real browser that looks at pages which were sent before; what they are made of still comes from their server. */
export interface Viewer extends AsyncDisposable {
  readonly page: Page;
  /** With everything open that can be. */
  show(seen: Seen): Promise<void>;
  /** Of all of them in the modes that look different to people, for people. */
  takePictures(all: readonly Seen[], folder: string): Promise<void>;
}

const pictured: readonly ModeName[] = [
  'in light',
  'in dark',
  'with the colours of the system',
  'with letters of twice the size',
  'on a telephone',
  'on a telephone with letters of twice the size',
  'at 400 %',
];

export async function openViewer(): Promise<Viewer> {
  const browser = await launchBrowser();
  const page = await browser.newPage({ reducedMotion: 'reduce' });
  let sent = { headers: {}, body: '' };
  let policy = '';
  // What a page is made of comes from its server, which only this process finds behind its name.
  await page.route(/^https:/, async (route) => {
    const answer = await fetch(route.request().url());
    const contentType = answer.headers.get('content-type') ?? '';
    await route.fulfill({ status: answer.status, contentType, body: Buffer.from(await answer.arrayBuffer()) });
  });
  await page.route('**/seen', (route) => route.fulfill({ status: 200, ...sent }));

  /** In the same window as the page before, where it comes from the same server with the same policy. */
  async function open({ rest: { url, html, headers } }: Seen): Promise<void> {
    const body = staying(html);
    const own = `${url.origin} ${headers.get('content-security-policy')}`;
    if (own === policy) {
      await page.evaluate(`document.open(); document.write(${JSON.stringify(body)}); document.close()`);
      await page.waitForFunction(`document.readyState === 'complete'`);
      return;
    }
    policy = own;
    sent = { headers: Object.fromEntries(headers), body };
    await page.goto(`${url.origin}/seen`);
  }

  async function show(seen: Seen): Promise<void> {
    await open(seen);
    await page.evaluate(`for (const each of document.querySelectorAll('details')) each.open = true`);
  }

  return {
    page,
    show,
    async takePictures(all, folder) {
      for (const seen of all) {
        await open(seen);
        for (const name of pictured) {
          await lookAt(page, modes[name]);
          const file = `${seen.name.replaceAll(/[^\p{L}\d]+/gu, '-')}.png`;
          await page.screenshot({ path: `${folder}/${name.replaceAll(/\W+/g, '-')}/${file}`, fullPage: true });
        }
      }
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

/** Without what would take the browser away while it looks. */
const staying = (html: string) => html.replace(/<meta http-equiv="refresh"[^>]*>/, '');

import { afterAll, describe, expect, it } from '@jest/globals';
import { openStore, type Store, StoreUnavailable } from '../../src/storage/index.ts';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

/** A store of which these verbs fail for as long as the test says. */
function failingStore() {
  const store = openStore({ kind: 'sqlite', file: ':memory:' }, () => undefined);
  const failing = new Set<string>();
  const proxy = new Proxy(store, {
    get(target, verb: string) {
      if (failing.has(verb)) return () => Promise.reject(new StoreUnavailable(new Error('away')));
      const value = target[verb as keyof Store];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { store: proxy, failing, close: () => store.close() };
}

describe('a page that meets the store away', () => {
  const { store, failing, close } = failingStore();
  const server = shared(() => startServer({ parts: { store } }));
  const client = shared(() => registerClient(server.issuer));
  afterAll(close);

  const goesOnTo = (html: string) => {
    const [, seconds, href = ''] = /<meta http-equiv="refresh" content="(\d+)(?:;url=([^"]+))?">/.exec(html) ?? [];
    return { seconds: Number(seconds), href: href.replaceAll('&amp;', '&') };
  };

  it.each([
    ['before it knows the client', ['read', 'readMany']],
    ['when it knows the client, and where to send an error', ['write']],
  ])('%s offers itself again, sends nobody to the tool, and goes on when it is back', async (_name, verbs) => {
    const browser = createPlainBrowser(server.origin);
    const { url } = client.authorizationRequest();
    for (const verb of verbs) failing.add(verb);
    const page = await browser.open(url.href);
    failing.clear();
    expect([page.status, page.headers.get('retry-after'), page.sentBy]).toEqual([503, '5', undefined]);
    const { seconds, href } = goesOnTo(page.html);
    expect({ seconds, href }).toEqual({ seconds: 5, href: '' });
    expect((await browser.open(url.href)).html).toContain('/sign-in"');
  });

  it('in each step of a flow lets it go on from there', async () => {
    const browser = createPlainBrowser(server.origin);
    const { url, verifier } = client.authorizationRequest();
    let page = await browser.open(url.href);
    const steps: [string, Record<string, string>][] = [
      ['/sign-in', { email: 'solo@example.com', password: 'demo-password' }],
      ['/consent', {}],
    ];
    for (const [action, fields] of steps) {
      for (const verb of ['read', 'readMany', 'write', 'writeIfAbsent', 'count']) failing.add(verb);
      const away = await browser.submit(page, action, fields);
      failing.clear();
      expect(away.status).toBe(503);
      expect(away.html).toContain('your form was not processed');
      page = await browser.open(goesOnTo(away.html).href);
      expect(page.html).toContain(`${action}"`);
      page = await browser.submit(page, action, fields);
    }
    expect((await client.exchange(page.url, verifier)).status).toBe(200);
  });
});

import { describe, expect, it } from '@jest/globals';
import { heading, type LoadedPage } from '../support/browser-without-a-screen.ts';
import { createTestClock } from '../support/clock.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { recordsOf, testStores } from '../support/test-store.ts';
import { createVisitor } from '../support/visitor.ts';

const { clock, pass } = createTestClock();
const server = shared(() => startServer({ parts: { clock } }));
const visitor = shared(() => createVisitor(server));

const headingOf = (page: LoadedPage) => heading(page)?.trim();
const refreshOf = ({ html }: LoadedPage) => /http-equiv="refresh"/.test(html);
const receiptOf = ({ sentBy }: LoadedPage) => {
  if (!sentBy) throw new Error('no page of ours sent the browser away');
  return sentBy;
};

function expectParts(html: string, parts: readonly string[]) {
  const text = html.replaceAll(/\s+/g, ' ');
  for (const part of [...parts, 'for 10 minutes', 'close this']) expect(text).toContain(part);
}

/** Where it stays, after the answer to the form. */
const stayOf = (page: LoadedPage) => receiptOf(page).url.pathname;
/** What is loaded again there. */
const reloadOf = (page: LoadedPage) => stayOf(page) + receiptOf(page).url.search;

/** Who has approved, where the tool waits for that, and the page that stays. */
async function approved(way: Parameters<typeof visitor.reachesConsent>[0] = {}) {
  const reached = await visitor.reachesConsent(way);
  const landing = await reached.browser.submit(reached.page, '/consent');
  return { ...reached, landing, stay: stayOf(landing), reload: reloadOf(landing) };
}

/** Where a tool waits, and in which words the page says so. */
const destinations: Record<string, readonly [uri: string, ...words: string[]]> = {
  'an app that owns a scheme': [
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'The app on this device that opens',
    '<bdi>cursor://anysphere.cursor-mcp</bdi></strong> takes over',
  ],
  'a scheme without a host': ['com.example.app:/callback', '<bdi>com.example.app:</bdi></strong> takes over'],
  'a program on this computer': [
    'http://127.0.0.1:8765/callback',
    'A program on this computer takes over at <strong><bdi>127.0.0.1:8765</bdi>',
  ],
  'a website': ['https://client.example/cb', 'You go on to <strong><bdi>client.example</bdi>'],
  'an address with a query': [
    'https://client.example/cb?tenant=a&next=%2Fx%3Fy%3D1',
    'You go on to <strong><bdi>client.example</bdi>',
  ],
};

describe.each(Object.entries(destinations))('the page that leads to %s (R104)', (_name, [redirectUri, ...place]) => {
  const reaches = async () => {
    const client = await registerClient(server.issuer, { client_name: 'Tool & <Co>', redirect_uris: [redirectUri] });
    return visitor.reachesConsent({ client });
  };

  it('answers Authorize with 200, a refresh and a link to the same place', async () => {
    const { client, browser, page, verifier, state } = await reaches();
    const landing = await browser.submit(page, '/consent');
    const receipt = receiptOf(landing);

    const said = [receipt.status, receipt.url.origin, headingOf(receipt)];
    expect(said).toEqual([200, server.origin, 'You approved Tool &amp; &lt;Co&gt;']);
    expect(receipt.html).toContain(`href="${landing.url.href.replaceAll('&', '&amp;')}"`);
    expect(landing.url.href.startsWith(redirectUri)).toBe(true);
    const answer = landing.url.searchParams;
    expect([answer.get('state'), answer.get('iss')]).toEqual([state, server.issuer]);
    expect((await client.exchange(landing.url, verifier)).status).toBe(200);
  });

  it('says for which organization, until when, where it ends, where it leads, and how long the link works', async () => {
    const { browser, page } = await reaches();
    const { html } = receiptOf(await browser.submit(page, '/consent'));

    expectParts(html, ['Acme Corp', 'at least once every 30 days', 'href="/mcp/oauth/account"', ...place]);
  });

  it('answers Decline the same way, with the refusal and without a connection', async () => {
    const { browser, page } = await reaches();
    const landing = await browser.submit(page, '/decline');
    const receipt = receiptOf(landing);

    const said = [receipt.status, headingOf(receipt), landing.url.searchParams.get('error')];
    expect(said).toEqual([200, 'You declined', 'access_denied']);
    expect(receipt.html).not.toContain('Acme Corp');
    expectParts(receipt.html, place);
  });
});

describe('the page that stays', () => {
  it('carries a state as long as the request could', async () => {
    const state = `${'s'.repeat(6000)}"'<&>;=`;
    expect((await approved({ request: { state } })).landing.url.searchParams.get('state')).toBe(state);
  });

  it('is there with the same code as long as that works, and goes on by itself at first only', async () => {
    const { browser, page, client, verifier } = await visitor.reachesConsent();
    // When nearly all the time for the flow is over.
    pass(3500);
    const submittedAt = Date.now();
    const landing = await browser.submit(page, '/consent');
    const [reload, stay] = [reloadOf(landing), stayOf(landing)];
    for (const [seconds, path] of [
      [6, reload],
      [7, stay],
      [586, reload],
    ] as const) {
      pass(seconds);
      const again = await browser.open(path);
      expect([again.status, refreshOf(again), headingOf(again)]).toEqual([200, false, 'You approved A tool']);
      expect(again.html).toContain(landing.url.searchParams.get('code'));
    }
    const opens = [...browser.cookies.values()].filter(({ path }) => path === stay);
    // With its signature; a browser has a clock of its own, which did not move.
    expect(opens.map(({ until }) => Number(until) >= submittedAt + 599_000)).toEqual([true, true]);
    expect((await client.exchange(landing.url, verifier)).status).toBe(200);
  });

  it('is by itself only where a form led, not where the back button leads', async () => {
    const { browser, stay } = await approved();
    expect(refreshOf(await browser.open(stay))).toBe(false);
  });

  it.each(['query', 'fragment'])(
    'leads nowhere once the tool has redeemed the code, in the %s: a second time it would end the connection',
    async (response_mode) => {
      const { client, browser, verifier, landing, reload } = await approved({ request: { response_mode } });
      const answered = new URL(landing.url.href.replace('#', '?'));
      const { body } = await client.exchange(answered, verifier);
      // As whoever reloads it at once.
      const again = await browser.open(reload);

      expect([again.status, refreshOf(again), headingOf(again)]).toEqual([200, false, 'A tool is connected']);
      expect(again.html).not.toContain(answered.searchParams.get('code'));
      expect((await client.refresh(body.refresh_token ?? '')).status).toBe(200);
    },
  );

  it('stays in the language that the tool asked for', async () => {
    const { browser, stay } = await approved({ request: { ui_locales: 'ko' } });
    expect((await browser.open(stay)).html).toContain('<html lang="ko"');
  });

  it('is gone with the code', async () => {
    const { browser, stay, reload } = await approved();
    pass(601);
    for (const path of [stay, reload]) expect((await browser.open(path)).status).toBe(400);
  });

  it('is shown to nobody else: not another browser, not one with the cookies of the flow and another session', async () => {
    const { browser, stay, reload } = await approved();
    const url = new URL(stay, server.origin);
    const stranger = createPerson(server.origin).browser;
    const cookies = [...browser.cookies].map(([key, { value }]) => [key.split(' ')[0] ?? '', value] as const);
    const planted = cookies.filter(([name]) => name.includes('_interaction_')).map((pair) => pair.join('='));
    const withPlanted = await fetch(url, { headers: { Cookie: planted.join('; '), Accept: 'text/html' } });

    for (const path of [stay, reload]) expect((await stranger.open(path)).status).toBe(400);
    expect(withPlanted.status).toBe(400);
    // Of somebody who declined without signing in there is no session: the cookie of the flow alone opens it.
    const declined = await visitor.reachesSignIn();
    const left = stayOf(await declined.browser.submit(declined.page, '/decline'));
    expect((await stranger.open(left)).status).toBe(400);
    expect((await declined.browser.open(left)).status).toBe(200);
  });

  it('keeps no code that a copy of the store would give away', async () => {
    await using kept = await testStores.SQLite();
    await using stored = await startServer({ env: kept.env });
    const { browser, page } = await (await createVisitor(stored)).reachesConsent();
    const code = (await browser.submit(page, '/consent')).url.searchParams.get('code');

    expect(await recordsOf(kept, 'receipt')).toHaveLength(1);
    for (const each of [await kept.bytes(), JSON.stringify(stored.logLines)]) expect(each).not.toContain(code);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Rest } from '../support/browser-without-a-screen.ts';
import { moveClock, startClock, stopClock } from '../support/clock.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { createVisitor, type Visitor } from '../support/visitor.ts';

let server: TestServer;
let visitor: Visitor;
beforeAll(async () => {
  server = await startServer();
  visitor = await createVisitor(server);
});
afterAll(() => server.close());
afterEach(startClock);

const headingOf = ({ html }: Rest) =>
  /<h1>(.*?)<\/h1>/s
    .exec(html)?.[1]
    ?.replaceAll(/<[^>]*>/g, '')
    .trim();
const refreshOf = ({ html }: Rest) => /http-equiv="refresh"/.test(html);
const receiptOf = ({ sentBy }: Rest) => {
  if (!sentBy) throw new Error('no page of ours sent the browser away');
  return sentBy;
};

const destinations = {
  'an app that owns a scheme': 'cursor://anysphere.cursor-mcp/oauth/callback',
  'a scheme without a host': 'com.example.app:/callback',
  'a program on this computer': 'http://127.0.0.1:8765/callback',
  'a website': 'https://client.example/cb',
  'an address with a query': 'https://client.example/cb?tenant=a&next=%2Fx%3Fy%3D1',
};

describe.each(Object.entries(destinations))('the page that leads to %s (R104)', (_name, redirectUri) => {
  const reaches = async () => {
    const client = await registerClient(server.issuer, { client_name: 'Tool & <Co>', redirect_uris: [redirectUri] });
    return visitor.reachesConsent({ client });
  };

  it('answers Authorize with 200, a refresh and a link to the same place', async () => {
    const { client, browser, page, verifier, state } = await reaches();
    const rest = await browser.submit(page, '/consent');
    const receipt = receiptOf(rest);

    expect([receipt.status, receipt.url.origin, headingOf(receipt)]).toEqual([
      200,
      server.origin,
      'You approved Tool &amp; &lt;Co&gt;',
    ]);
    expect(receipt.html).toContain(`href="${rest.url.href.replaceAll('&', '&amp;')}"`);
    expect(rest.url.href.startsWith(redirectUri)).toBe(true);
    const answer = rest.url.searchParams;
    expect([answer.get('state'), answer.get('iss')]).toEqual([state, server.issuer]);
    expect((await client.exchange(rest.url, verifier)).status).toBe(200);
  });

  it('says for which organization, until when, and where it ends', async () => {
    const { browser, page } = await reaches();
    const { html } = receiptOf(await browser.submit(page, '/consent'));

    for (const part of ['Acme Corp', 'at least once every 30 days', 'href="/mcp/oauth/account"', 'close this'])
      expect(html.replaceAll(/\s+/g, ' ')).toContain(part);
  });

  it('answers Decline the same way, with the refusal and without a connection', async () => {
    const { browser, page } = await reaches();
    const rest = await browser.submit(page, '/decline');
    const receipt = receiptOf(rest);

    expect([receipt.status, headingOf(receipt), rest.url.searchParams.get('error')]).toEqual([
      200,
      'You declined',
      'access_denied',
    ]);
    expect(receipt.html).not.toContain('Acme Corp');
  });
});

describe('the page that stays', () => {
  it('carries a state as long as the request could', async () => {
    const state = `${'s'.repeat(6000)}"'<&>;=`;
    const { browser, page } = await visitor.reachesConsent({ request: { state } });

    expect((await browser.submit(page, '/consent')).url.searchParams.get('state')).toBe(state);
  });

  it('is there again with the same code, and goes on by itself at first only', async () => {
    stopClock();
    const { browser, page } = await visitor.reachesConsent();
    const rest = await browser.submit(page, '/consent');
    moveClock(6);
    const again = await browser.open(receiptOf(rest).url.pathname);

    expect([again.status, refreshOf(again), headingOf(again)]).toEqual([200, false, 'You approved A tool']);
    expect(again.html).toContain(rest.url.searchParams.get('code'));
  });

  it('leads nowhere once the tool has redeemed the code: a second time it would end the connection', async () => {
    const { client, browser, page, verifier } = await visitor.reachesConsent();
    const rest = await browser.submit(page, '/consent');
    const { body } = await client.exchange(rest.url, verifier);
    const again = await browser.open(receiptOf(rest).url.pathname);

    expect([again.status, refreshOf(again), headingOf(again)]).toEqual([200, false, 'A tool is connected']);
    expect(again.html).not.toContain(rest.url.searchParams.get('code'));
    expect((await client.refresh(body.refresh_token ?? '')).status).toBe(200);
  });

  it('is gone with the code', async () => {
    stopClock();
    const { browser, page } = await visitor.reachesConsent();
    const rest = await browser.submit(page, '/consent');
    moveClock(601);

    expect((await browser.open(receiptOf(rest).url.pathname)).status).toBe(400);
  });

  it('is shown to nobody else: not another browser, not one with the cookies of the flow and another session', async () => {
    const { browser, page } = await visitor.reachesConsent();
    const { url } = receiptOf(await browser.submit(page, '/consent'));
    const stranger = createPerson(server.origin).browser;
    const cookies = [...browser.cookies].map(([key, { value }]) => [key.split(' ')[0] ?? '', value] as const);
    const planted = cookies.filter(([name]) => name.includes('_interaction_')).map((pair) => pair.join('='));
    const withPlanted = await fetch(url, { headers: { Cookie: planted.join('; '), Accept: 'text/html' } });

    expect([(await stranger.open(url.href)).status, withPlanted.status]).toEqual([400, 400]);
  });

  it('keeps no code that a copy of the store would give away', async () => {
    const { browser, page } = await visitor.reachesConsent();
    const rest = await browser.submit(page, '/consent');

    expect(JSON.stringify(server.logLines)).not.toContain(rest.url.searchParams.get('code'));
  });
});

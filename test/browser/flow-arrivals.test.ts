import { networkInterfaces } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type RelyingParty, registerClient } from '../support/relying-party.ts';
import { theLab } from './lab.ts';

const { lab, signsIn } = theLab();

const machineHasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
const loopbackHosts = ['127.0.0.1', 'localhost', ...(machineHasIpv6 ? ['[::1]'] : [])];
const appCallback = 'cursor://anysphere.cursor-mcp/oauth/callback';
const websiteCallback = 'https://client.example/cb';
const appHop = 'claude://oauth/done';
const websiteHop = 'https://app.another.example/connected';

const clientAt = (redirectUri: string) => registerClient(lab.server.issuer, { redirect_uris: [redirectUri] });

/** Somebody in front of the consent page of this client. */
async function reachesConsent(client: RelyingParty) {
  const { url, verifier } = client.authorizationRequest();
  const solo = await lab.person('solo@example.com');
  await solo.opens(url.href);
  await solo.signsIn();
  await solo.sees(/wants to connect/);
  return { solo, verifier };
}

/** Answers for every https host: what is below `client.example` sends on to the next place, as hosted callbacks do. */
async function hostCallback(page: Page, next: string): Promise<URL[]> {
  const visits: URL[] = [];
  const devtools = await page.context().newCDPSession(page);
  // Not `page.route`: it never sees what a redirect leads to.
  await devtools.send('Fetch.enable', { patterns: [{ urlPattern: 'https://*' }] });
  devtools.on('Fetch.requestPaused', async ({ requestId, request, resourceType }) => {
    const url = new URL(request.url);
    if (resourceType === 'Document') visits.push(url);
    const answer =
      url.host === 'client.example'
        ? { responseCode: 302, responseHeaders: [{ name: 'Location', value: next }] }
        : { responseCode: 200, body: Buffer.from('<!doctype html><h1>Connected</h1>').toString('base64') };
    // A test may have seen enough, and closed the window.
    await devtools.send('Fetch.fulfillRequest', { requestId, ...answer }).catch(() => undefined);
  });
  return visits;
}

/** Resolves with the app's URL that the browser was told to open, when it goes there. */
function openedApp(page: Page, scheme: string): Promise<URL> {
  return page.waitForRequest((request) => request.url().startsWith(scheme)).then((request) => new URL(request.url()));
}

const actions = {
  Authorize: { does: 'approves', answer: 'code', stays: 'You approved A tool' },
  Decline: { does: 'declines', answer: 'error', stays: 'You declined' },
} as const;

describe.each(Object.entries(actions))('%s really arrives (R104)', (_name, { does, answer, stays }) => {
  it.each(loopbackHosts)('at a program that listens on http://%s (RFC 8252 §7.3)', async (host) => {
    const tool = await lab.startTool({ host });
    const { person: solo, connection } = await signsIn('solo@example.com', { tool });
    await solo[does]();

    expect((await connection.arrival()).searchParams.has(answer)).toBe(true);
    await solo.page.waitForURL(`${tool.redirectUri}**`);
    expect(solo.complaints).toEqual([]);
  });

  it('at a website, and at the page of another host that its callback redirects to', async () => {
    const { solo } = await reachesConsent(await clientAt(websiteCallback));
    const visits = await hostCallback(solo.page, websiteHop);
    await solo[does]();
    await solo.sees('Connected');

    expect(visits.map(({ origin, pathname }) => origin + pathname)).toEqual([websiteCallback, websiteHop]);
    expect(visits[0]?.searchParams.has(answer)).toBe(true);
    expect(solo.complaints).toEqual([]);
  });

  it('at a website whose callback opens an app, and the page stays', async () => {
    const { solo } = await reachesConsent(await clientAt(websiteCallback));
    const visits = await hostCallback(solo.page, appHop);
    const opened = openedApp(solo.page, 'claude:');
    await solo[does]();

    expect((await opened).href).toBe(appHop);
    expect(visits[0]?.searchParams.has(answer)).toBe(true);
    await solo.sees(stays);
    expect(solo.complaints).toEqual([]);
  });

  it('at a program on this computer that sends on to an https page', async () => {
    const tool = await lab.startTool({ next: websiteHop });
    const { person: solo, connection } = await signsIn('solo@example.com', { tool });
    const visits = await hostCallback(solo.page, websiteHop);
    await solo[does]();
    await solo.sees('Connected');

    expect((await connection.arrival()).searchParams.has(answer)).toBe(true);
    expect(visits.map(({ href }) => href)).toEqual([websiteHop]);
    expect(solo.complaints).toEqual([]);
  });

  it('at an app that owns a scheme (RFC 8252 §7.1), and the page that stays has the same link', async () => {
    const { solo } = await reachesConsent(await clientAt(appCallback));
    const opened = openedApp(solo.page, 'cursor:');
    await solo[does]();

    const callback = await opened;
    expect([callback.href.startsWith(appCallback), callback.searchParams.has(answer)]).toEqual([true, true]);
    await solo.sees(stays);
    const link = solo.page.getByRole('link', { name: /^Go on to/ });
    expect(await link.getAttribute('href')).toBe(callback.href);
    expect(await solo.reads()).toMatch(/you can close this/i);
    expect(solo.complaints).toEqual([]);
  });

  it('in a popup, which keeps its opener (R112)', async () => {
    const tool = await lab.startTool({ tellsOpener: true });
    const connection = tool.connects();
    const solo = await lab.person('solo@example.com');
    await solo.opens(tool.home);
    const [popup] = await Promise.all([
      solo.page.waitForEvent('popup'),
      solo.page.evaluate(`void window.open(${JSON.stringify(connection.url)}, 'sign-in', 'popup')`),
    ]);
    const inPopup = await solo.movesTo(popup);
    await inPopup.signsIn();
    await inPopup[does]();

    expect((await connection.arrival()).searchParams.has(answer)).toBe(true);
    await solo.page.waitForFunction(`document.title === 'told by the popup'`);
  });
});

describe('what arrives', () => {
  it.each([websiteCallback, appCallback])('is worth a token: %s', async (redirectUri) => {
    const client = await clientAt(redirectUri);
    const { solo, verifier } = await reachesConsent(client);
    await hostCallback(solo.page, websiteHop);
    const arrives = solo.page.waitForRequest((request) => request.url().startsWith(redirectUri));
    await solo.approves();

    expect((await client.exchange(new URL((await arrives).url()), verifier)).status).toBe(200);
  });
});

describe('declining on the page where a password would be typed', () => {
  it('really arrives at an app that owns a scheme', async () => {
    const client = await clientAt(appCallback);
    const solo = await lab.person('solo@example.com');
    await solo.opens(client.authorizationRequest().url.href);
    const opened = openedApp(solo.page, 'cursor:');
    await solo.declines();

    expect((await opened).searchParams.get('error')).toBe('access_denied');
  });
});

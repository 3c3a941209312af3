import { networkInterfaces } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type BrowserLab, openBrowserLab } from '../support/browser-lab.ts';
import type { PersonInBrowser } from '../support/person-in-browser.ts';
import { type RelyingParty, registerClient } from '../support/relying-party.ts';

let lab: BrowserLab;
beforeAll(async () => {
  lab = await openBrowserLab();
});
afterEach(() => lab.sendEveryoneHome());
afterAll(() => lab?.close());

const machineHasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
const loopbackHosts = ['127.0.0.1', 'localhost', ...(machineHasIpv6 ? ['[::1]'] : [])];
const appCallback = 'cursor://anysphere.cursor-mcp/oauth/callback';
const websiteCallback = 'https://client.example/cb';

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

/** Answers for every https host: the callback sends on to a page of another host, as hosted callbacks do. */
async function hostCallback(page: Page): Promise<URL[]> {
  const visits: URL[] = [];
  const devtools = await page.context().newCDPSession(page);
  // Not `page.route`: it never sees what a redirect leads to.
  await devtools.send('Fetch.enable', { patterns: [{ urlPattern: 'https://*' }] });
  devtools.on('Fetch.requestPaused', async ({ requestId, request, resourceType }) => {
    const url = new URL(request.url);
    if (resourceType === 'Document') visits.push(url);
    const answer =
      url.host === 'client.example'
        ? { responseCode: 302, responseHeaders: [{ name: 'Location', value: 'https://app.another.example/connected' }] }
        : { responseCode: 200, body: Buffer.from('<!doctype html><h1>Connected</h1>').toString('base64') };
    await devtools.send('Fetch.fulfillRequest', { requestId, ...answer });
  });
  return visits;
}

/** Resolves with the app's URL that the browser was told to open, when it goes there. */
function openedApp(page: Page): Promise<URL> {
  return page
    .waitForRequest((request) => request.url().startsWith('cursor:'))
    .then((request) => new URL(request.url()));
}

/** The same page, if its policy did not know where this client is. */
async function forgetTheClientInThePolicy({ page, reloads }: PersonInBrowser) {
  await page.route('**/interaction/*', async (route) => {
    const response = await route.fetch();
    const policy = response.headers()['content-security-policy'] ?? '';
    const headers = {
      ...response.headers(),
      'content-security-policy': policy.replace(/form-action .*/, "form-action 'self'"),
    };
    await route.fulfill({ response, headers });
  });
  await reloads();
}

describe('Authorize really arrives', () => {
  it.each(loopbackHosts)('at a program that listens on http://%s (RFC 8252 §7.3)', async (host) => {
    const tool = await lab.startTool({ host });
    const connection = tool.connects();
    const solo = await lab.person('solo@example.com');
    await solo.opens(connection.url);
    await solo.signsIn();
    await solo.approves();

    expect((await connection.receivesTokens()).status).toBe(200);
    expect(solo.complaints).toEqual([]);
  });

  it('at a website, and at the other host its callback redirects to', async () => {
    const client = await clientAt(websiteCallback);
    const { solo, verifier } = await reachesConsent(client);
    const visits = await hostCallback(solo.page);
    await solo.approves();
    await solo.sees('Connected');

    expect(visits.map(({ origin, pathname }) => origin + pathname)).toEqual([
      websiteCallback,
      'https://app.another.example/connected',
    ]);
    expect((await client.exchange(visits[0] as URL, verifier)).status).toBe(200);
    expect(solo.complaints).toEqual([]);
  });

  it('at an app that owns a scheme (RFC 8252 §7.1)', async () => {
    const client = await clientAt(appCallback);
    const { solo, verifier } = await reachesConsent(client);
    const opened = openedApp(solo.page);
    await solo.approves();

    const callback = await opened;
    expect(callback.href).toMatch(`${appCallback}?code=`);
    expect((await client.exchange(callback, verifier)).status).toBe(200);
    expect(solo.complaints).toEqual([]);
  });
});

describe('declining really arrives', () => {
  it('at an app that owns a scheme, from the page where a password would be typed', async () => {
    const client = await clientAt(appCallback);
    const solo = await lab.person('solo@example.com');
    await solo.opens(client.authorizationRequest().url.href);
    const opened = openedApp(solo.page);
    await solo.declines();

    expect((await opened).searchParams.get('error')).toBe('access_denied');
  });
});

describe('a page whose policy names only itself', () => {
  it.each([
    ['an app', appCallback],
    ['a website', websiteCallback],
    ['a program on this computer', 'http://127.0.0.1:8765/callback'],
  ])('would keep the browser from %s, so these tests can fail', async (_name, redirectUri) => {
    const { solo } = await reachesConsent(await clientAt(redirectUri));
    await forgetTheClientInThePolicy(solo);
    const reached: string[] = [];
    solo.page.on('request', (request) => reached.push(request.url()));
    const refusal = solo.page.waitForEvent('console', (message) => message.text().includes('form-action'));
    await solo.approves();
    await refusal;

    expect(reached.filter((url) => url.startsWith(redirectUri))).toEqual([]);
  });
});

import { expect, it } from '@jest/globals';
import { createInstallation } from '../interop/installation.ts';
import { createSdk1Tool } from '../interop/mcp-sdk-1.ts';
import { redirectUri } from '../interop/tool.ts';
import { createWire } from '../interop/wire.ts';
import { launchBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { openBrowserFor } from '../support/person-in-browser.ts';
import { theHandOff } from './hand-off.ts';

/** From the 401 of the official SDK through the console's own sign-in, organization and consent, to the renewal and the end. */
it('a person connects a tool with the account of the console, and is removed there', async () => {
  const here = await theHandOff({ demonstration: true });
  await using chromium = await launchBrowser();
  const grace = await openBrowserFor(chromium, 'ada@example.com');
  const arrival = Promise.withResolvers<URL>();
  await grace.page.route(`${redirectUri}**`, (route) => {
    arrival.resolve(new URL(route.request().url()));
    return route.fulfill({ body: 'You can close this window.' });
  });
  const seen: string[] = [];
  const visits: URL[] = [];
  const approve = async (url: URL) => {
    await grace.opens(url.href);
    seen.push(new URL(grace.page.url()).origin);
    await grace.signsIn();
    await grace.sees('Choose an organization');
    seen.push(new URL(grace.page.url()).origin, new URL(grace.page.url()).search);
    await grace.chooses('Globex');
    expect(await grace.reads()).toContain('ada@example.com');
    await grace.approves();
  };
  const browser = {
    visits,
    open(url: URL) {
      visits.push(url);
      approve(url).catch(arrival.reject);
    },
    callback: () => arrival.promise,
  };
  const installation = createInstallation();
  const wire = createWire();
  await using tool = createSdk1Tool({ url: new URL(here.issuer), installation, browser, wire });

  expect(await tool.call('whoami')).toMatchObject({ organization: { slug: 'globex', role: 'viewer' } });
  expect(seen).toEqual([here.consoleOrigin, here.origin, '']);
  expect(visits).toHaveLength(1);

  const { refresh_token: refreshToken, client_id: clientId } = {
    ...installation.find<{ refresh_token: string }>('tokens'),
    ...installation.find<{ client_id: string }>('client'),
  };
  const refresh = () =>
    fetch(`${here.issuer}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: String(refreshToken),
        client_id: String(clientId),
      }),
    });
  expect((await refresh()).status).toBe(200);

  const edsger = await openBrowserFor(chromium, 'edsger@example.com');
  await edsger.opens(here.consoleOrigin);
  await edsger.signsIn();
  const removed = edsger.page.getByRole('button', { name: 'Remove Ada Lovelace' });
  await removed.click();
  await removed.waitFor({ state: 'detached' });
  const since = Date.now();
  const { access_token: accessToken } = installation.find<{ access_token: string }>('tokens') ?? {};
  const call = () => fetch(here.issuer, { method: 'POST', headers: { authorization: `Bearer ${accessToken}` } });
  await eventually(async () => (await call()).status === 401);
  expect(Date.now() - since).toBeLessThan(1000);
  expect((await refresh()).status).toBe(400);
  expect(grace.complaints).toEqual([]);
  await here.close();
});

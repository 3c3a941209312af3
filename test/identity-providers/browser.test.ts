import { expect, it } from '@jest/globals';
import { createInstallation } from '../interop/installation.ts';
import { createSdk1Tool } from '../interop/mcp-sdk-1.ts';
import { redirectUri } from '../interop/tool.ts';
import { createWire } from '../interop/wire.ts';
import { launchBrowser } from '../support/browser.ts';
import { openBrowserFor } from '../support/person-in-browser.ts';
import { theCompany } from './signing-in.ts';

/** From the 401 of the official SDK through the company's own page and consent, to the renewal. */
it('a person connects a tool with the account of the company', async () => {
  const here = await theCompany({}, { demonstration: true });
  await using chromium = await launchBrowser();
  const ada = await openBrowserFor(chromium, 'ada@example.com');
  const arrival = Promise.withResolvers<URL>();
  await ada.page.route(`${redirectUri}**`, (route) => {
    arrival.resolve(new URL(route.request().url()));
    return route.fulfill({ body: 'You can close this window.' });
  });
  const seen: string[] = [];
  const visits: URL[] = [];
  const approve = async (url: URL) => {
    await ada.opens(url.href);
    seen.push(new URL(ada.page.url()).origin);
    await ada.page.getByLabel('Name').fill('ada');
    await ada.page.getByRole('button', { name: 'Sign in' }).click();
    await ada.page.waitForURL(`${here.origin}/**`);
    seen.push(new URL(ada.page.url()).origin, new URL(ada.page.url()).search);
    expect(await ada.reads()).toContain('ada@example.com');
    await ada.approves();
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

  expect(await tool.call('whoami')).toMatchObject({ organization: { slug: 'acme-works', role: 'admin' } });
  expect(seen).toEqual([here.company.issuer, here.origin, '']);
  expect(visits).toHaveLength(1);

  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: String(installation.find<{ refresh_token: string }>('tokens')?.refresh_token),
    client_id: String(installation.find<{ client_id: string }>('client')?.client_id),
  });
  expect((await fetch(`${here.issuer}/oauth/token`, { method: 'POST', body: form })).status).toBe(200);
  expect(ada.complaints).toEqual([]);
  await here.close();
});

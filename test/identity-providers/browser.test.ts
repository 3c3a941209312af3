import { expect, it } from '@jest/globals';
import { createInstallation } from '../interop/installation.ts';
import { createSdk1Tool } from '../interop/mcp-sdk-1.ts';
import { realWebBrowser, renewBy } from '../interop/real-web-browser.ts';
import { createWire } from '../interop/wire.ts';
import { launchBrowser } from '../support/browser.ts';
import { openBrowserFor } from '../support/person-in-browser.ts';
import { theCompany } from './signing-in.ts';

/** From the 401 of the official SDK through the company's own page and consent, to the renewal. */
it('a person connects a tool with the account of the company', async () => {
  const here = await theCompany({}, { demonstration: true });
  await using chromium = await launchBrowser();
  const ada = await openBrowserFor(chromium, 'ada@example.com');
  const seen: string[] = [];
  const browser = await realWebBrowser(ada, async (url) => {
    await ada.opens(url.href);
    seen.push(new URL(ada.page.url()).origin);
    await ada.page.getByLabel('Name').fill('ada');
    await ada.page.getByRole('button', { name: 'Sign in' }).click();
    await ada.page.waitForURL(`${here.origin}/**`);
    seen.push(new URL(ada.page.url()).origin, new URL(ada.page.url()).search);
    expect(await ada.reads()).toContain('ada@example.com');
    await ada.approves();
  });
  const installation = createInstallation();
  const wire = createWire();
  await using tool = createSdk1Tool({ url: new URL(here.issuer), installation, browser, wire });

  expect(await tool.call('whoami')).toMatchObject({ organization: { slug: 'acme-works', role: 'admin' } });
  expect(seen).toEqual([here.company.issuer, here.origin, '']);
  expect(browser.visits).toHaveLength(1);

  expect((await renewBy(installation, here.issuer)).status).toBe(200);
  expect(ada.complaints).toEqual([]);
  await here.close();
});

import { expect, it } from '@jest/globals';
import { createInstallation } from '../interop/installation.ts';
import { createSdk1Tool } from '../interop/mcp-sdk-1.ts';
import { realWebBrowser, renewBy, renewed } from '../interop/real-web-browser.ts';
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
  const seen: string[] = [];
  const browser = await realWebBrowser(grace, async (url) => {
    await grace.opens(url.href);
    seen.push(new URL(grace.page.url()).origin);
    await grace.signsIn();
    await grace.sees('Choose an organization');
    seen.push(new URL(grace.page.url()).origin, new URL(grace.page.url()).search);
    await grace.chooses('Globex');
    expect(await grace.reads()).toContain('ada@example.com');
    await grace.approves();
  });
  const installation = createInstallation();
  const wire = createWire();
  await using tool = createSdk1Tool({ url: new URL(here.issuer), installation, browser, wire });

  expect(await tool.call('whoami')).toMatchObject({ organization: { slug: 'globex', role: 'viewer' } });
  expect(seen).toEqual([here.consoleOrigin, here.origin, '']);

  const refresh = () => renewBy(installation, here.issuer);
  expect(await renewed(tool, installation)).toMatchObject({ organization: { slug: 'globex' } });
  expect(browser.visits).toHaveLength(1);

  const edsger = await openBrowserFor(chromium, 'edsger@example.com');
  await edsger.opens(here.consoleOrigin);
  await edsger.signsIn();
  const removed = edsger.page.getByRole('button', { name: 'Remove Ada Lovelace' });
  await removed.click();
  await removed.waitFor({ state: 'detached' });
  const { access_token: accessToken } = installation.find<{ access_token: string }>('tokens') ?? {};
  const call = () => fetch(here.issuer, { method: 'POST', headers: { authorization: `Bearer ${accessToken}` } });
  await eventually(async () => (await call()).status === 401);
  expect((await refresh()).status).toBe(400);
  expect(grace.complaints).toEqual([]);
  await here.close();
});

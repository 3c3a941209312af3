import { expect, it } from '@jest/globals';
import { createInstallation } from '../interop/installation.ts';
import { createSdk1Tool } from '../interop/mcp-sdk-1.ts';
import { realWebBrowser, renewed } from '../interop/real-web-browser.ts';
import { createWire } from '../interop/wire.ts';
import { launchBrowser } from '../support/browser.ts';
import { closing } from '../support/closing.ts';
import { openBrowserFor, type PersonInBrowser } from '../support/person-in-browser.ts';
import { startGitHub } from './github.ts';
import { serverWith, theCompany } from './signing-in.ts';

/** From the 401 of the official SDK through the company's own page and consent, to the renewal. */
it('a person connects a tool with the account of the company', async () => {
  await using here = closing(await theCompany({}, { demonstration: true }));
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

  expect(await renewed(tool, installation)).toMatchObject({ organization: { slug: 'acme-works' } });
  expect(browser.visits).toHaveLength(1);
  expect(ada.complaints).toEqual([]);
});

/** GitHub of our own making, at the edge; beside it passwords of accounts here, so that there is a choice. */
it('a person who may choose among several ways connects a tool with the account of GitHub, or with a password', async () => {
  await using github = closing(await startGitHub());
  const emails = [{ email: 'ada@example.net', primary: true, verified: true }];
  github.is({ id: 7, login: 'ada', name: 'Ada', emails });
  const memberships = [{ emailDomain: 'example.net', organization: 'initrode', role: 'admin' }];
  const entry = { ...github.entry, button: 'Continue with GitHub', memberships };
  const signIn = { passwords: true };
  await using here = await serverWith(() => [entry], { demonstration: true, changes: { signIn } });
  await using chromium = await launchBrowser();

  async function connects(email: string, chooses: (person: PersonInBrowser) => Promise<void>) {
    const person = await openBrowserFor(chromium, email);
    const browser = await realWebBrowser(person, async (url) => {
      await person.opens(url.href);
      await chooses(person);
      expect(await person.reads()).toContain(email);
      await person.approves();
    });
    const installation = createInstallation();
    await using tool = createSdk1Tool({ url: new URL(here.issuer), installation, browser, wire: createWire() });
    const { organization } = (await tool.call('whoami')) as { organization: { slug: string } };
    expect(await renewed(tool, installation)).toMatchObject({ organization });
    expect(browser.visits).toHaveLength(1);
    expect(person.complaints).toEqual([]);
    return organization.slug;
  }

  expect(await connects('ada@example.net', (ada) => ada.follows('Continue with GitHub'))).toBe('initrode');
  expect(await connects('solo@example.com', (solo) => solo.signsIn())).toBe('initech');
});

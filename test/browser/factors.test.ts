import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOTP } from 'otpauth';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { openBrowserFor } from '../support/person-in-browser.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** Passkeys in a real browser, with an authenticator of its own (WebAuthn §11.2); and what works without script. */
let server: TestServer;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

const account = () => `${server.origin}/mcp/oauth/account`;
const flowUrl = async () => (await registerClient(server.issuer)).authorizationRequest().url.href;

/** A laptop that asks for a finger, which is there. */
async function withAuthenticator(page: Page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const options = {
    protocol: 'ctap2',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  } as const;
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options });
  return {
    verifies: (isUserVerified: boolean) => cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    count: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length,
  };
}

describe('a passkey', () => {
  it('is made on the account’s pages, signs in to a flow without a password, and is not made twice', async () => {
    const person = await openBrowserFor(browser);
    const { page } = person;
    const device = await withAuthenticator(page);
    const press = (name: string) => page.getByRole('button', { name }).click();
    await person.opens(`${account()}/security/new-passkey`);
    await person.signsIn();
    await person.sees('Add a passkey');
    await page.getByLabel('Name').fill('Laptop');
    await press('Add a passkey');
    await person.sees('Keep your recovery codes');
    expect(await device.count()).toBe(1);
    await person.follows('I have kept them');
    await person.sees('Sign-in and security');
    await page.setViewportSize({ width: 320, height: 720 });
    const links = await page.getByRole('link', { name: /Laptop$/ }).all();
    const [rename, remove] = await Promise.all(links.map((link) => link.boundingBox()));
    // Side by side, and neither takes a tap that is meant for the other.
    expect([remove?.y, (remove?.x ?? 0) >= (rename?.x ?? 0) + (rename?.width ?? 0)]).toEqual([rename?.y, true]);
    await person.follows('Rename Laptop');
    await page.getByLabel('Name').fill('The laptop at work');
    await press('Save');
    await person.sees('Sign-in and security');
    expect(await person.reads()).toContain('The laptop at work');
    await page.setViewportSize({ width: 1280, height: 720 });

    await person.opens(`${account()}/security/new-passkey`);
    await press('Add a passkey');
    await page.getByText('No passkey was made').waitFor();
    expect(await device.count()).toBe(1);

    await page.context().clearCookies();
    await person.opens(await flowUrl());
    await person.follows('Use a passkey');
    await person.sees('Use your passkey');
    await device.verifies(false);
    await press('Use a passkey');
    await page.getByText('No passkey was used').waitFor();
    await device.verifies(true);
    await press('Use a passkey');
    await person.sees('Choose an organization');

    // Beside the password, of the account that typed it.
    await page.context().clearCookies();
    await person.opens(account());
    await person.signsIn();
    await person.sees('Use your passkey');
    await press('Use a passkey');
    await person.sees('Your connections');
    expect(person.complaints).toEqual([]);
    await person.closes();
  });
});

describe('without script', () => {
  it('an app is set up and signs in; the page for passkeys says why it does nothing', async () => {
    const person = await openBrowserFor(browser, 'solo@example.com', { javaScriptEnabled: false });
    const { page } = person;
    const fillsIn = async (code: string) => {
      await page.getByLabel('Code', { exact: true }).fill(code);
      await page.getByRole('button').last().click();
    };
    await page.goto(`${account()}/security/app`);
    await page.getByLabel('Email').fill('solo@example.com');
    await page.getByLabel('Password').fill('demo-password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    const secret = ((await page.locator('code.secret').textContent()) ?? '').replaceAll(' ', '');
    expect(await page.getByRole('img', { name: 'A QR code' }).isVisible()).toBe(true);
    await fillsIn(new TOTP({ secret }).generate());
    await page.getByRole('heading', { name: 'Keep your recovery codes' }).waitFor();

    await page.context().clearCookies();
    await page.goto(await flowUrl());
    await page.getByRole('link', { name: 'Use a passkey' }).click();
    await page.getByText('yours runs none here').waitFor();
    expect(await page.getByRole('button', { name: 'Use a passkey' }).isVisible()).toBe(false);
    await page.getByRole('link', { name: 'Sign in with your password' }).click();
    await page.getByLabel('Password').fill('demo-password');
    await page.getByLabel('Email').fill('solo@example.com');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Enter a code' }).waitFor();
    const code = page.getByLabel('Code');
    expect([await code.getAttribute('inputmode'), await code.getAttribute('autocomplete')]).toEqual([
      'numeric',
      'one-time-code',
    ]);
    // The next step: the code that set it up is used.
    await fillsInNext(page, secret);
    await page.getByRole('heading', { name: /wants to connect/ }).waitFor();
    await person.closes();
  });
});

/** A code of the step after this one is taken, too. */
async function fillsInNext(page: Page, secret: string) {
  await page.getByLabel('Code').fill(new TOTP({ secret }).generate({ timestamp: Date.now() + 30_000 }));
  await page.getByRole('button', { name: 'Sign in' }).click();
}

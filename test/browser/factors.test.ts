import { describe, expect, it } from '@jest/globals';
import { TOTP } from 'otpauth';
import type { Page } from 'playwright-core';
import { password } from '../support/person-in-browser.ts';
import { accountPath, choice, theLab } from './lab.ts';

/** Passkeys in a real browser, with an authenticator of its own (WebAuthn §11.2); and what works without script. */
const { lab } = theLab();
const account = () => lab.server.origin + accountPath;
const press = (page: Page, name: string) => page.getByRole('button', { name }).click();
const sees = (page: Page, name: string | RegExp) => page.getByRole('heading', { name }).waitFor();

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
    const person = await lab.person();
    const { page } = person;
    const device = await withAuthenticator(page);
    await person.opens(`${account()}/security/new-passkey`);
    await person.signsIn();
    await person.sees('Add a passkey');
    await page.getByLabel('Name').fill('Laptop');
    await press(page, 'Add a passkey');
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
    await press(page, 'Save');
    await person.sees('Sign-in and security');
    expect(await person.reads()).toContain('The laptop at work');
    await page.setViewportSize({ width: 1280, height: 720 });

    await person.opens(`${account()}/security/new-passkey`);
    await press(page, 'Add a passkey');
    await page.getByText('No passkey was made').waitFor();
    expect(await device.count()).toBe(1);

    await page.context().clearCookies();
    await person.opens(lab.tool.connects().url);
    await person.follows('Use a passkey');
    await person.sees('Use your passkey');
    await device.verifies(false);
    await press(page, 'Use a passkey');
    await page.getByText('No passkey was used').waitFor();
    await device.verifies(true);
    await press(page, 'Use a passkey');
    await person.sees(choice);

    // Beside the password, of the account that typed it.
    await page.context().clearCookies();
    await person.opens(account());
    await person.signsIn();
    await person.sees('Use your passkey');
    await press(page, 'Use a passkey');
    await person.sees('Your connections');
    expect(person.complaints).toEqual([]);
  });
});

describe('without script', () => {
  it('an app is set up and signs in; the page for passkeys says why it does nothing', async () => {
    const { page } = await lab.person('solo@example.com', { javaScriptEnabled: false });
    const signsIn = async () => {
      await page.getByLabel('Password').fill(password);
      await page.getByLabel('Email').fill('solo@example.com');
      await press(page, 'Sign in');
    };
    await page.goto(`${account()}/security/app`);
    await signsIn();
    const secret = ((await page.locator('code.secret').textContent()) ?? '').replaceAll(' ', '');
    expect(await page.getByRole('img', { name: 'A QR code' }).isVisible()).toBe(true);
    await page.getByLabel('Code', { exact: true }).fill(new TOTP({ secret }).generate());
    await page.getByRole('button').last().click();
    await sees(page, 'Keep your recovery codes');

    await page.context().clearCookies();
    await page.goto(lab.tool.connects().url);
    await page.getByRole('link', { name: 'Use a passkey' }).click();
    await page.getByText('Passkeys need JavaScript').waitFor();
    expect(await page.getByRole('button', { name: 'Use a passkey' }).isVisible()).toBe(false);
    await page.getByRole('link', { name: 'Sign in with your password' }).click();
    await signsIn();
    await sees(page, 'Enter a code');
    const code = page.getByLabel('Code');
    expect(await code.getAttribute('inputmode')).toBe('numeric');
    expect(await code.getAttribute('autocomplete')).toBe('one-time-code');
    // The code that set it up is used; one of the step after this one is taken, too.
    await code.fill(new TOTP({ secret }).generate({ timestamp: Date.now() + 30_000 }));
    await press(page, 'Sign in');
    await sees(page, /wants to connect/);
  });
});

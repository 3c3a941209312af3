import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createInstallation } from '../interop/installation.ts';
import { createSdk1Tool } from '../interop/mcp-sdk-1.ts';
import { realWebBrowser } from '../interop/real-web-browser.ts';
import { createWire } from '../interop/wire.ts';
import { openBrowserLab } from '../support/browser-lab.ts';
import { openMailbox } from '../support/mailbox.ts';
import { shared } from '../support/shared.ts';
import { consent, theLab } from './lab.ts';

const mailbox = shared(openMailbox);
const { lab, arrives, signsIn } = theLab(() => openBrowserLab(mailbox.env));

/** Signs in where there is one organization, so that the consent page is next, and connects. */
async function soloIsConnected() {
  const { person: solo, connection } = await signsIn('solo@example.com');
  await solo.approves();
  await solo.page.waitForURL(`${lab.tool.redirectUri}**`);
  return { solo, ...(await connection.receivesTokens()) };
}

const grantOf = (accessToken: unknown) => decodeJwt(String(accessToken)).grant_id;

describe('a wrong password', () => {
  it('is told at the fields, keeps the email, and the right one goes on from there', async () => {
    const { person: solo } = await arrives('solo@example.com');
    await solo.signsIn({ password: 'not it' });

    const wrong = solo.page.locator('input[aria-invalid=true][aria-describedby=form-error]');
    expect(await wrong.evaluateAll((all) => all.map((each) => each.id))).toEqual(['email', 'password']);
    const said = solo.page.getByRole('alert').getByText('The email or the password is wrong.', { exact: true });
    expect(await said.count()).toBe(1);
    await solo.page.locator('#email:focus').waitFor();
    expect(await solo.page.getByLabel('Email').inputValue()).toBe('solo@example.com');
    expect(await solo.page.getByLabel('Password').inputValue()).toBe('');
    await solo.signsIn();
    await solo.sees(consent);
  });

  it('and an unknown email get the same page, letter for letter', async () => {
    const { person: somebody } = await arrives();
    // The anti-forgery value is written anew on each page.
    const reads = async () => (await somebody.page.content()).replaceAll(/ value="[\w-]{43}"/g, '');
    await somebody.signsIn({ email: 'solo@example.com', password: 'not it' });
    const wrongPassword = await reads();
    await somebody.signsIn({ email: 'nobody@example.com', password: 'not it' });
    const unknownEmail = await reads();

    expect(unknownEmail).toContain('nobody@example.com');
    expect(unknownEmail.replaceAll('nobody@', 'solo@')).toBe(wrongPassword);
  });
});

describe('a forgotten password', () => {
  it('is replaced by a link that comes by mail, and the tool that waits is connected with the new one', async () => {
    const email = 'forgetful@example.com';
    const acme = await lab.directory.findOrganizationBySlug('acme');
    const memberships = [{ organizationId: acme?.id ?? '', role: 'member' }];
    await lab.directory.createAccount({ email, name: 'Forgetful', password: 'the first of my passwords', memberships });
    const person = await lab.person(email);
    const { page } = person;
    const press = (name: string) => page.getByRole('button', { name }).click();
    const browser = await realWebBrowser(person, async (url) => {
      await person.opens(url.href);
      await person.follows('Forgot your password?');
      await person.sees('Forgot your password?');
      await page.getByLabel('Email').fill(email);
      await press('Send the link');
      await person.sees('Check your inbox');

      await person.opens((await mailbox.newest(email)).link);
      await person.sees('Choose another password');
      const password = 'an umbrella for seven otters';
      await page.getByLabel('New password', { exact: true }).fill(password);
      await page.getByLabel('New password, once more').fill(password);
      await press('Save the password');
      await person.sees('Your password is saved');
      await person.follows('Sign in');
      await person.signsIn({ password });
      await person.sees(/wants to connect/);
      await person.approves();
    });
    const installation = createInstallation();
    await using tool = createSdk1Tool({ url: new URL(lab.server.issuer), installation, browser, wire: createWire() });

    expect(await tool.call('whoami')).toMatchObject({ organization: { slug: 'acme', role: 'member' } });
    expect(browser.visits).toHaveLength(1);
    expect((await mailbox.newest(email, 2)).headers.get('subject')).toBe('bkend: your password was changed');
    expect(person.complaints).toEqual([]);
  });
});

describe('a person who is signed in', () => {
  it('needs no password for a second tool, but approves it: another connection', async () => {
    const { solo, body: first } = await soloIsConnected();
    const connection = (await lab.startTool({ client_name: 'Claude Code' })).connects();
    await solo.opens(connection.url);
    await solo.sees(consent);
    await solo.approves();
    const second = await connection.receivesTokens();

    expect(second.status).toBe(200);
    expect(grantOf(second.body.access_token)).not.toBe(grantOf(first.access_token));
  });

  it('is asked for the password again when the tool says prompt=login', async () => {
    const { solo } = await soloIsConnected();
    const connection = lab.tool.connects({ prompt: 'login' });
    await solo.opens(connection.url);
    await solo.sees('Sign in');
    await solo.signsIn();
    await solo.sees(consent);
    await solo.approves();

    expect((await connection.receivesTokens()).status).toBe(200);
  });

  it('can use another account, or go on with the first after all', async () => {
    const { person: solo, connection } = await signsIn('solo@example.com');
    await solo.follows('Use another account');
    await solo.follows('Continue as solo@example.com');
    await solo.sees(consent);
    await solo.follows('Use another account');
    await solo.signsIn({ email: 'demo@example.com' });
    await solo.chooses('Acme Corp');

    expect(await solo.reads()).toContain('demo@example.com');
    expect(await solo.reads()).not.toContain('solo@example.com');
    await solo.approves();
    const { body } = await connection.receivesTokens();
    const demo = await lab.directory.findAccountByEmail('demo@example.com');
    expect(decodeJwt(String(body.access_token)).sub).toBe(demo?.id);
  });

  it('cannot approve in a tab of the first account what the second would be bound by', async () => {
    const tool = await lab.startTool({ client_name: 'Claude Code' });
    const { person: solo } = await signsIn('solo@example.com', { tool });
    await solo.sees(consent);
    const otherTab = await solo.opensAnotherTab();
    await otherTab.opens(tool.connects().url);
    await otherTab.follows('Use another account');
    await otherTab.signsIn({ email: 'demo@example.com' });
    await otherTab.sees('Choose an organization');

    await solo.approves();

    await solo.sees('This sign-in has ended');
    expect(await solo.reads()).toContain('signed in with another account');
    expect(tool.arrivals).toEqual([]);
  });
});

describe('signing out', () => {
  it('asks, says that it is done, asks for a password next time, and leaves connections alone', async () => {
    const { solo, body } = await soloIsConnected();
    const metadata = await (await fetch(`${lab.server.issuer}/.well-known/openid-configuration`)).json();

    await solo.opens(String((metadata as Record<string, unknown>).end_session_endpoint));
    await solo.sees('Sign out?');
    await solo.page.getByRole('button', { name: 'Sign out' }).click();
    await solo.sees('You are signed out');
    await solo.opens(lab.tool.connects().url);
    await solo.sees('Sign in');

    expect((await lab.tool.client.refresh(String(body.refresh_token))).status).toBe(200);
    expect(solo.complaints).toEqual([]);
  });
});

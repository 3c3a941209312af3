import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type BrowserLab, openBrowserLab } from '../support/browser-lab.ts';
import type { Attempt } from '../support/listening-tool.ts';
import type { PersonInBrowser } from '../support/person-in-browser.ts';

let lab: BrowserLab;
beforeAll(async () => {
  lab = await openBrowserLab();
});
afterEach(() => lab.sendEveryoneHome());
afterAll(() => lab?.close());

const consent = 'Claude Code wants to connect to bkend';

/** Signs in where there is one organization, so that the consent page is next. */
async function soloConnects(solo: PersonInBrowser, connection: Attempt) {
  await solo.opens(connection.url);
  await solo.signsIn();
  await solo.approves();
  await solo.page.waitForURL(`${lab.tool.redirectUri}**`);
  return connection.receivesTokens();
}

const grantOf = (accessToken: unknown) => decodeJwt(String(accessToken)).grant_id;

describe('a wrong password', () => {
  it('is told at the fields, keeps the email, and the right one goes on from there', async () => {
    const solo = await lab.person('solo@example.com');
    await solo.opens(lab.tool.connects().url);
    await solo.signsIn({ password: 'not it' });

    const wrong = solo.page.locator('input[aria-invalid=true][aria-describedby=form-error]');
    expect(await wrong.evaluateAll((all) => all.map((each) => each.id))).toEqual(['email', 'password']);
    expect(
      await solo.page.getByRole('alert').getByText('The email or the password is wrong.', { exact: true }).count(),
    ).toBe(1);
    await solo.page.locator('#email:focus').waitFor();
    expect(await solo.page.getByLabel('Email').inputValue()).toBe('solo@example.com');
    expect(await solo.page.getByLabel('Password').inputValue()).toBe('');
    await solo.signsIn();
    await solo.sees(consent);
  });

  it('and an unknown email get the same page, letter for letter', async () => {
    const somebody = await lab.person();
    await somebody.opens(lab.tool.connects().url);
    await somebody.signsIn({ email: 'solo@example.com', password: 'not it' });
    const wrongPassword = await somebody.page.content();
    await somebody.signsIn({ email: 'nobody@example.com', password: 'not it' });
    const unknownEmail = await somebody.page.content();

    expect(unknownEmail).toContain('nobody@example.com');
    expect(unknownEmail.replaceAll('nobody@', 'solo@')).toBe(wrongPassword);
  });
});

describe('a person who is signed in', () => {
  it('needs no password for a second tool, but approves it: another connection', async () => {
    const solo = await lab.person('solo@example.com');
    const first = await soloConnects(solo, lab.tool.connects());

    const connection = (await lab.startTool({ client_name: 'Claude Code' })).connects();
    await solo.opens(connection.url);
    await solo.sees(consent);
    await solo.approves();
    const second = await connection.receivesTokens();

    expect(second.status).toBe(200);
    expect(grantOf(second.body.access_token)).not.toBe(grantOf(first.body.access_token));
  });

  it('is asked for the password again when the tool says prompt=login', async () => {
    const solo = await lab.person('solo@example.com');
    await soloConnects(solo, lab.tool.connects());

    const connection = lab.tool.connects({ prompt: 'login' });
    await solo.opens(connection.url);
    await solo.sees('Sign in');
    await solo.signsIn();
    await solo.sees(consent);
    await solo.approves();

    expect((await connection.receivesTokens()).status).toBe(200);
  });

  it('can use another account, or go on with the first after all', async () => {
    const solo = await lab.person('solo@example.com');
    const connection = lab.tool.connects();
    await solo.opens(connection.url);
    await solo.signsIn();
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
    const solo = await lab.person('solo@example.com');
    const tool = await lab.startTool({ client_name: 'Claude Code' });
    await solo.opens(tool.connects().url);
    await solo.signsIn();
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
    const solo = await lab.person('solo@example.com');
    const { body } = await soloConnects(solo, lab.tool.connects());
    const metadata = await fetch(`${lab.server.issuer}/.well-known/openid-configuration`).then((answer) =>
      answer.json(),
    );

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

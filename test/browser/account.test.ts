import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { Browser, Page } from 'playwright-core';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { launchBrowser } from '../support/browser.ts';
import { type ListeningTool, startTool } from '../support/listening-tool.ts';
import { openBrowserFor, type PersonInBrowser, password } from '../support/person-in-browser.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let browser: Browser;
let tool: ListeningTool;
beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  tool = await startTool(server.issuer);
});
afterAll(async () => {
  tool?.close();
  await browser?.close();
  await server?.close();
});

async function presses({ page }: PersonInBrowser, button: string) {
  await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: button }).click()]);
}

/** Connects the tool for an organization, if there is a choice. */
async function connects(person: PersonInBrowser, organization?: string) {
  const attempt = tool.connects();
  await person.opens(attempt.url);
  await person.signsIn();
  if (organization) await person.chooses(organization);
  await person.approves();
  return attempt.receivesTokens();
}

async function claimsAfterRenewal(refreshToken: string | undefined) {
  const { status, body } = await tool.client.refresh(refreshToken ?? '');
  return { status, refreshToken: body.refresh_token, claims: body.access_token ? decodeJwt(body.access_token) : {} };
}

describe('a person with a connected tool', () => {
  it('finds it, names it, moves it to another organization while it runs, and disconnects it', async () => {
    const ada = await openBrowserFor(browser);
    const { body } = await connects(ada, 'Acme Corp');

    await ada.opens(`${server.origin}/mcp/oauth/account`);
    await ada.sees('Your connections');
    expect(await ada.reads()).toMatch(/Claude Code on Linux\s+Acme Corp · last renewed just now/);

    await ada.follows('Manage Claude Code on Linux');
    await ada.follows('Rename');
    await ada.page.getByLabel('Name').fill('The laptop in the kitchen');
    await presses(ada, 'Save');
    await ada.sees('The laptop in the kitchen');
    expect(await ada.page.getByRole('status').textContent()).toContain('The new name is saved.');

    await ada.follows('Change organization or permissions');
    await ada.follows(/^Globex/);
    expect(await ada.reads()).toContain('not allowed for your role, viewer');
    await ada.unticks('Project', 'See projects');
    await presses(ada, 'Save');
    expect(await ada.reads()).toMatch(/Globex\s+Your role: viewer/);

    const renewed = await claimsAfterRenewal(body.refresh_token);
    expect(renewed.claims).toMatchObject({ org_slug: 'globex', org_role: 'viewer' });
    expect(renewed.claims.scope).not.toContain('project:read');

    await ada.follows('Disconnect');
    await ada.sees('Disconnect The laptop in the kitchen?');
    await presses(ada, 'Disconnect');
    expect(await ada.reads()).toContain('No tool is connected.');
    expect((await claimsAfterRenewal(renewed.refreshToken)).status).toBe(400);
    expect(ada.complaints).toEqual([]);
    await ada.closes();
  });

  it('comes there from the page on which they approve, without signing in again', async () => {
    const ada = await openBrowserFor(browser, 'solo@example.com');
    await ada.opens(tool.connects().url);
    await ada.signsIn();
    const opened = ada.page.waitForEvent('popup');
    await ada.page.getByRole('link', { name: /^your connections/ }).click();
    const account: Page = await opened;
    await account.getByRole('heading', { name: 'Your connections' }).waitFor();
    await ada.closes();
  });

  it('signs out of every browser at once, and is asked for the password in each', async () => {
    const [laptop, phone] = [await openBrowserFor(browser), await openBrowserFor(browser)];
    for (const each of [laptop, phone]) {
      await each.opens(`${server.origin}/mcp/oauth/account`);
      await each.signsIn();
    }
    await phone.follows('Sign out');
    await phone.follows('Sign out on all devices instead');
    await presses(phone, 'Sign out everywhere');
    await phone.sees('You are signed out');
    await laptop.reloads();
    await laptop.sees('Sign in');
    await Promise.all([laptop.closes(), phone.closes()]);
  });
});

describe('an administrator', () => {
  it('sees what a member has connected to the organization, and ends it', async () => {
    const directory = server.server.directory as LocalDirectory;
    const acme = await directory.findOrganizationBySlug('acme');
    const memberships = [{ organizationId: acme?.id ?? '', role: 'member' }];
    await directory.createAccount({ email: 'grace@example.com', name: 'Grace Hopper', password, memberships });
    const grace = await openBrowserFor(browser, 'grace@example.com');
    const { body } = await connects(grace);

    const owner = await openBrowserFor(browser);
    await owner.opens(`${server.origin}/mcp/oauth/account`);
    await owner.signsIn();
    await owner.follows(/^Acme Corp/);
    await owner.sees('Connections of Acme Corp');
    expect(await owner.reads()).toContain('Connected by Grace Hopper, grace@example.com');
    await owner.follows('Disconnect Claude Code on Linux');
    await presses(owner, 'Disconnect');
    expect(await owner.reads()).toContain('No tool is connected to this organization.');

    expect((await claimsAfterRenewal(body.refresh_token)).status).toBe(400);
    await grace.opens(`${server.origin}/mcp/oauth/account`);
    expect(await grace.reads()).toContain('No tool is connected.');
    await Promise.all([grace.closes(), owner.closes()]);
  });
});

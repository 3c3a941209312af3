import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type PersonInBrowser, password } from '../support/person-in-browser.ts';
import { accountPath, theLab } from './lab.ts';

const { lab, signsIn, opensAccount } = theLab();

async function presses({ page }: PersonInBrowser, button: string) {
  await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: button }).click()]);
}

/** Connects the tool for an organization, if there is a choice. */
async function connects(email: string, organization?: string) {
  const { person, connection } = await signsIn(email);
  if (organization) await person.chooses(organization);
  await person.approves();
  return { person, ...(await connection.receivesTokens()) };
}

async function claimsAfterRenewal(refreshToken: string | undefined) {
  const { status, body } = await lab.tool.client.refresh(refreshToken ?? '');
  return { status, refreshToken: body.refresh_token, claims: body.access_token ? decodeJwt(body.access_token) : {} };
}

describe('a person with a connected tool', () => {
  it('finds it, names it, moves it to another organization while it runs, and disconnects it', async () => {
    const { person: ada, body } = await connects('demo@example.com', 'Acme Corp');

    await ada.opens(lab.server.origin + accountPath);
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
  });

  it('comes there from the page on which they approve, without signing in again', async () => {
    const { person: solo } = await signsIn('solo@example.com');
    const opened = solo.page.waitForEvent('popup');
    await solo.page.getByRole('link', { name: /^your connections/ }).click();
    await (await opened).getByRole('heading', { name: 'Your connections' }).waitFor();
  });

  it('signs out of every browser at once, and is asked for the password in each', async () => {
    const [laptop, phone] = [await opensAccount(), await opensAccount()];
    await phone.follows('Sign out');
    await phone.follows('Sign out on all devices instead');
    await presses(phone, 'Sign out everywhere');
    await phone.sees('You are signed out');
    await laptop.reloads();
    await laptop.sees('Sign in');
  });
});

describe('an administrator', () => {
  it('sees what a member has connected to the organization, and ends it', async () => {
    const [email, acme] = ['grace@example.com', await lab.directory.findOrganizationBySlug('acme')];
    const memberships = [{ organizationId: acme?.id ?? '', role: 'member' }];
    await lab.directory.createAccount({ email, name: 'Grace Hopper', password, memberships });
    const { person: grace, body } = await connects(email);

    const owner = await opensAccount();
    await owner.follows(/^Acme Corp/);
    await owner.sees('Connections of Acme Corp');
    expect(await owner.reads()).toContain('Connected by Grace Hopper, grace@example.com');
    await owner.follows('Disconnect Claude Code on Linux');
    await presses(owner, 'Disconnect');
    expect(await owner.reads()).toContain('No tool is connected to this organization.');

    expect((await claimsAfterRenewal(body.refresh_token)).status).toBe(400);
    await grace.opens(lab.server.origin + accountPath);
    expect(await grace.reads()).toContain('No tool is connected.');
  });
});

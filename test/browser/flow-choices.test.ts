import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { Attempt } from '../support/listening-tool.ts';
import { choice, consent, theLab } from './lab.ts';

const { lab, arrives, signsIn } = theLab();

/** One that is connected for one organization would go on there, and nobody be asked. */
const newTool = () => lab.startTool({});
const withNewTool = async (email: string) => signsIn(email, { tool: await newTool() });

async function claimsOf(attempt: Attempt) {
  const { status, body } = await attempt.receivesTokens();
  return { status, ...decodeJwt<{ org_slug: string; org_role: string }>(String(body.access_token)) };
}

describe('a person with two organizations', () => {
  it('signs in, chooses one, approves, and the tool is connected for it', async () => {
    const { person: ada, connection } = await arrives('demo@example.com', { tool: await newTool() });
    await ada.sees('Sign in');
    await ada.signsIn();
    await ada.sees(choice);
    await ada.chooses('Acme Corp');
    await ada.sees(consent);
    await ada.approves();

    expect(await claimsOf(connection)).toMatchObject({ status: 200, org_slug: 'acme', org_role: 'owner' });
    expect(ada.complaints).toEqual([]);
  });

  it('finds the one used last on top the next time', async () => {
    const { person: ada, connection } = await withNewTool('demo@example.com');
    const offered = () => ada.page.getByRole('listitem').getByRole('link', { name: /^(Acme|Globex)/ });
    await ada.chooses('Globex');
    await ada.approves();
    await connection.receivesTokens();

    await ada.opens((await newTool()).connects().url);

    await ada.sees(choice);
    const [first, second] = await offered().allInnerTexts();
    expect(first).toMatch(/^Globex\s+Last used/);
    expect(second).not.toMatch(/Last used/);
  });

  it('gets from the consent page back to the choice, and connects the other one', async () => {
    const { person: ada, connection } = await withNewTool('demo@example.com');
    await ada.chooses('Acme Corp');
    await ada.follows('Change organization');
    await ada.sees(choice);
    await ada.chooses('Globex');
    await ada.approves();

    expect(await claimsOf(connection)).toMatchObject({ org_slug: 'globex', org_role: 'viewer' });
  });
});

describe('a person with one organization', () => {
  it('is not asked which, but shown, and connects for it', async () => {
    const { person: solo, connection } = await withNewTool('solo@example.com');
    await solo.sees(consent);
    expect(await solo.reads()).toMatch(/Initech\s+Your role: member/);
    expect(await solo.page.getByRole('link', { name: 'Change organization' }).count()).toBe(0);
    await solo.approves();

    expect(await claimsOf(connection)).toMatchObject({ status: 200, org_slug: 'initech', org_role: 'member' });
  });
});

describe('a person without an organization', () => {
  it('learns where to get one, looks again after that, and goes on in the same flow', async () => {
    const { person: newcomer, connection } = await withNewTool('new@example.com');
    await newcomer.sees('You need an organization');
    const link = newcomer.page.getByRole('link', { name: /^Get an organization/ });
    expect(await link.getAttribute('href')).toBe(lab.server.config.policy.organizationsUrl);

    await newcomer.follows(/look again$/);
    await newcomer.sees('You need an organization');
    const account = await lab.directory.findAccountByEmail('new@example.com');
    const globex = await lab.directory.findOrganizationBySlug('globex');
    await lab.directory.setMembership(String(account?.id), String(globex?.id), 'admin');
    await newcomer.follows(/look again$/);
    await newcomer.sees(consent);
    await newcomer.approves();

    expect(await claimsOf(connection)).toMatchObject({ status: 200, org_slug: 'globex', org_role: 'admin' });
  });
});

/** Ada in front of the consent page of a tool that wants these scopes. */
async function adaIsAsked(scope: string, organization = 'Acme Corp') {
  // One that is connected would be asked about what it has as well.
  const { person: ada, connection } = await signsIn('demo@example.com', { tool: await newTool(), request: { scope } });
  await ada.chooses(organization);
  return { ada, granted: async () => (await connection.receivesTokens()).body.scope, connection };
}

describe('permissions', () => {
  it('that stay ticked are granted, all that were asked for', async () => {
    const { ada, granted } = await adaIsAsked('project:read project:create table:read');
    await ada.approves();

    expect(await granted()).toBe('project:read project:create table:read');
  });

  it('that are unticked are missing from the token', async () => {
    const { ada, granted } = await adaIsAsked('project:read project:create table:read table:delete');
    await ada.unticks('Project', 'Create new projects');
    await ada.unticks('Table schema', 'Delete tables');
    await ada.approves();

    expect(await granted()).toBe('project:read table:read');
  });

  it('that the role withholds are shown as withheld, cannot be ticked, and are not granted', async () => {
    const { ada, granted } = await adaIsAsked('project:read project:delete', 'Globex');
    await ada.page.getByText('Withheld', { exact: true }).click();
    const withheld = ada.page.getByRole('listitem').filter({ hasText: 'project:delete' });
    expect([await withheld.count(), await withheld.getByRole('checkbox').count()]).toEqual([1, 0]);
    await ada.approves();

    expect(await granted()).toBe('project:read');
  });

  it('none of which the role can grant leave nothing but to decline', async () => {
    const { ada, connection } = await adaIsAsked('project:delete', 'Globex');
    expect(await ada.page.getByRole('button', { name: 'Authorize' }).count()).toBe(0);
    await ada.declines();

    expect((await connection.arrival()).searchParams.get('error')).toBe('access_denied');
  });

  it('all of which are unticked bring a message that the cursor is on, and every group open to tick some', async () => {
    const { ada, granted } = await adaIsAsked('project:read table:read');
    await ada.unticks('Project', 'See projects');
    await ada.unticks('Table schema', 'See which tables');
    await ada.approves();

    await ada.page.getByRole('alert').getByText('at least one permission').waitFor();
    await ada.page.locator('#form-error:focus').waitFor();
    const seeTables = ada.page.getByRole('checkbox', { name: /^See which tables/ });
    expect(await seeTables.isChecked()).toBe(false);
    await seeTables.check();
    await ada.approves();
    expect(await granted()).toBe('table:read');
  });
});

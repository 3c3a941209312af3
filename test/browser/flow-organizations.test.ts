import { afterEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { openBrowserLab } from '../support/browser-lab.ts';
import type { Attempt } from '../support/listening-tool.ts';
import { shared } from '../support/shared.ts';

const lab = shared(openBrowserLab);
afterEach(() => lab.sendEveryoneHome());

/** One that is connected for one organization would go on there, and nobody be asked. */
const newTool = () => lab.startTool({});

const consent = 'Claude Code wants to connect to bkend';
const choice = 'Choose an organization';

async function claimsOf(attempt: Attempt) {
  const { status, body } = await attempt.receivesTokens();
  return { status, ...decodeJwt<{ org_slug: string; org_role: string }>(String(body.access_token)) };
}

describe('a person with two organizations', () => {
  it('signs in, chooses one, approves, and the tool is connected for it', async () => {
    const connection = (await newTool()).connects();
    const ada = await lab.person('demo@example.com');
    await ada.opens(connection.url);
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
    const ada = await lab.person('demo@example.com');
    const offered = () => ada.page.getByRole('listitem').getByRole('link', { name: /^(Acme|Globex)/ });
    const first = (await newTool()).connects();
    await ada.opens(first.url);
    await ada.signsIn();
    await ada.chooses('Globex');
    await ada.approves();
    await first.receivesTokens();

    await ada.opens((await newTool()).connects().url);

    await ada.sees(choice);
    expect(await offered().allInnerTexts()).toEqual([
      expect.stringMatching(/^Globex\s+Last used/),
      expect.not.stringMatching(/Last used/),
    ]);
  });

  it('gets from the consent page back to the choice, and connects the other one', async () => {
    const connection = (await newTool()).connects();
    const ada = await lab.person('demo@example.com');
    await ada.opens(connection.url);
    await ada.signsIn();
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
    const connection = (await newTool()).connects();
    const solo = await lab.person('solo@example.com');
    await solo.opens(connection.url);
    await solo.signsIn();
    await solo.sees(consent);
    expect(await solo.reads()).toMatch(/Initech\s+Your role: member/);
    expect(await solo.page.getByRole('link', { name: 'Change organization' }).count()).toBe(0);
    await solo.approves();

    expect(await claimsOf(connection)).toMatchObject({ status: 200, org_slug: 'initech', org_role: 'member' });
  });
});

describe('a person without an organization', () => {
  it('learns where to get one, looks again after that, and goes on in the same flow', async () => {
    const connection = (await newTool()).connects();
    const newcomer = await lab.person('new@example.com');
    await newcomer.opens(connection.url);
    await newcomer.signsIn();
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

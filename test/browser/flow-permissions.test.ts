import { afterEach, describe, expect, it } from '@jest/globals';
import { openBrowserLab } from '../support/browser-lab.ts';
import { shared } from '../support/shared.ts';

const lab = shared(openBrowserLab);
afterEach(() => lab.sendEveryoneHome());

/** Ada in front of the consent page of a tool that wants these scopes. */
async function adaIsAsked(scope: string, organization = 'Acme Corp') {
  // One that is connected would be asked about what it has as well.
  const connection = (await lab.startTool({})).connects({ scope });
  const ada = await lab.person('demo@example.com');
  await ada.opens(connection.url);
  await ada.signsIn();
  await ada.chooses(organization);
  return { ada, connection };
}

describe('permissions', () => {
  it('that stay ticked are granted, all that were asked for', async () => {
    const { ada, connection } = await adaIsAsked('project:read project:create table:read');
    await ada.approves();

    expect((await connection.receivesTokens()).body.scope).toBe('project:read project:create table:read');
  });

  it('that are unticked are missing from the token', async () => {
    const { ada, connection } = await adaIsAsked('project:read project:create table:read table:delete');
    await ada.unticks('Project', 'Create new projects');
    await ada.unticks('Table schema', 'Delete tables');
    await ada.approves();

    expect((await connection.receivesTokens()).body.scope).toBe('project:read table:read');
  });

  it('that the role withholds are shown as withheld, cannot be ticked, and are not granted', async () => {
    const { ada, connection } = await adaIsAsked('project:read project:delete', 'Globex');
    await ada.page.getByText('Withheld', { exact: true }).click();
    const withheld = ada.page.getByRole('listitem').filter({ hasText: 'project:delete' });
    expect([await withheld.count(), await withheld.getByRole('checkbox').count()]).toEqual([1, 0]);
    await ada.approves();

    expect((await connection.receivesTokens()).body.scope).toBe('project:read');
  });

  it('none of which the role can grant leave nothing but to decline', async () => {
    const { ada, connection } = await adaIsAsked('project:delete', 'Globex');
    expect(await ada.page.getByRole('button', { name: 'Authorize' }).count()).toBe(0);
    await ada.declines();

    expect((await connection.arrival()).searchParams.get('error')).toBe('access_denied');
  });

  it('all of which are unticked bring a message that the cursor is on, and every group open to tick some', async () => {
    const { ada, connection } = await adaIsAsked('project:read table:read');
    await ada.unticks('Project', 'See projects');
    await ada.unticks('Table schema', 'See which tables');
    await ada.approves();

    await ada.page.getByRole('alert').getByText('at least one permission').waitFor();
    await ada.page.locator('#form-error:focus').waitFor();
    const seeTables = ada.page.getByRole('checkbox', { name: /^See which tables/ });
    expect(await seeTables.isChecked()).toBe(false);
    await seeTables.check();
    await ada.approves();
    expect((await connection.receivesTokens()).body.scope).toBe('table:read');
  });
});

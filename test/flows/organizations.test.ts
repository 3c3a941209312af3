import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { LoadedPage } from '../support/browser-without-a-screen.ts';
import { accountsOf } from '../support/member.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { createVisitor, password } from '../support/visitor.ts';

const server = shared(startServer);
const visitor = shared(() => createVisitor(server));
const labs = (count: number, first = 0) => Array.from({ length: count }, (_, index) => `Lab ${index + first}`);
beforeAll(async () => {
  await addMember('few@example.com', ['Team 10', 'team 2', 'Team 1', 'Änderungen', 'Zeta']);
  for (const count of [8, 9]) await addMember(`has${count}@example.com`, labs(count));
  await addMember('head@example.com', ['Team 10', 'team 2', 'Team 1'], 'owner');
  await addMember('many@example.com', ['Team 10', 'Team 2', 'Équipe <b>', 'Zeta', ...labs(12, 1)]);
});

async function addMember(email: string, organizations: string[], role = 'member') {
  const directory = accountsOf(server);
  const account = await directory.createAccount({ email, name: 'A person', password });
  for (const name of organizations) {
    const { id } = await directory.createOrganization({ slug: `o-${randomUUID()}`, name });
    await directory.setMembership(account.id, id, role);
  }
}

const namesOn = ({ html }: LoadedPage) => {
  const choices =
    /<strong class="name"><bdi>([^<]*)<\/bdi><\/strong>\s*(?:<span class="tag">[^<]*<\/span>)?\s*<span class="note">Your role/g;
  return [...html.matchAll(choices)].map(([, name]) => name);
};
const search = 'type="search"';
/** Somebody who has many, and looks for some of them. */
async function searches() {
  const { browser, page } = await visitor.reachesOrganizations({ email: 'many@example.com' });
  const find = (text: string) => browser.open(`${page.url.pathname}?organization=&search=${encodeURIComponent(text)}`);
  return { page, find };
}

describe('the organizations to choose from', () => {
  it('stand in the order in which people count', async () => {
    const { page } = await visitor.reachesOrganizations({ email: 'few@example.com' });

    expect(namesOn(page)).toEqual(['Änderungen', 'Team 1', 'team 2', 'Team 10', 'Zeta']);
    expect(page.html).not.toContain(search);
  });

  it('stand so in the account, too: those that one administers, and those to which a connection can be moved', async () => {
    const { browser, client, page, verifier } = await visitor.reachesOrganizations({ email: 'head@example.com' });
    const [, href = ''] = /href="([^"]*organization=o-[^"]*)"/.exec(page.html) ?? [];
    const rest = await browser.submit(await browser.open(href.replaceAll('&amp;', '&')), '/consent');
    expect((await client.exchange(rest.url, verifier)).status).toBe(200);
    const account = await browser.open(`${server.origin}/mcp/oauth/account`);
    const [, connection = ''] = /href="([^"]*\/connections\/[^"/]+)"/.exec(account.html) ?? [];
    const change = await browser.open(`${server.origin}${connection}/change`);

    for (const { html } of [account, change]) {
      const teams = [...html.matchAll(/<strong class="name"><bdi>(team \d+)<\/bdi>/gi)].map(([, name]) => name);
      expect(teams).toEqual(['Team 1', 'team 2', 'Team 10']);
    }
  });

  it.each([
    [8, false],
    [9, true],
  ])('have a search field from nine on: %i', async (count, isThere) => {
    const { page } = await visitor.reachesOrganizations({ email: `has${count}@example.com` });
    expect(page.html.includes(search)).toBe(isThere);
  });

  it('can be searched when there are nine or more, in letters of either case, with or without accents', async () => {
    const { page, find } = await searches();
    expect(page.html).toContain(search);
    expect(namesOn(await find('equipe'))).toEqual(['Équipe &lt;b&gt;']);
    expect(namesOn(await find('LAB 1'))).toEqual(['Lab 1', 'Lab 10', 'Lab 11', 'Lab 12']);
    expect(namesOn(await find(''))).toHaveLength(16);
  });

  it('are none for a text that no name has, which is shown as it was typed, and there is a way back', async () => {
    const none = await (await searches()).find('"><b>');

    expect([none.status, namesOn(none)]).toEqual([200, []]);
    for (const shown of ['value="&#34;&gt;&lt;b&gt;"', 'Show all']) expect(none.html).toContain(shown);
  });
});

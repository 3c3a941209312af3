import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { createVisitor, password } from '../support/visitor.ts';

const server = shared(startServer);
const visitor = shared(() => createVisitor(server));
beforeAll(async () => {
  await addMember('few@example.com', ['Team 10', 'team 2', 'Team 1', 'Änderungen', 'Zeta']);
  for (const count of [8, 9]) {
    await addMember(
      `has${count}@example.com`,
      Array.from({ length: count }, (_, index) => `Lab ${index}`),
    );
  }
  await addMember('head@example.com', ['Team 10', 'team 2', 'Team 1'], 'owner');
  await addMember(
    'many@example.com',
    ['Team 10', 'Team 2', 'Équipe <b>', 'Zeta'].concat(Array.from({ length: 12 }, (_, index) => `Lab ${index + 1}`)),
  );
});

async function addMember(email: string, organizations: string[], role = 'member') {
  const directory = server.server.directory as LocalDirectory;
  const account = await directory.createAccount({ email, name: 'A person', password });
  for (const name of organizations) {
    const { id } = await directory.createOrganization({ slug: `o-${randomUUID()}`, name });
    await directory.setMembership(account.id, id, role);
  }
}

const namesOn = (html: string) =>
  [
    ...html.matchAll(
      /<strong class="name"><bdi>([^<]*)<\/bdi><\/strong>\s*(?:<span class="tag">[^<]*<\/span>)?\s*<span class="note">Your role/g,
    ),
  ].map(([, name]) => name);

describe('the organizations to choose from', () => {
  it('stand in the order in which people count', async () => {
    const { page } = await visitor.reachesOrganizations({ email: 'few@example.com' });

    expect(namesOn(page.html)).toEqual(['Änderungen', 'Team 1', 'team 2', 'Team 10', 'Zeta']);
    expect(page.html).not.toContain('type="search"');
  });

  it('stand so in the account, too: those that one administers, and those to which a connection can be moved', async () => {
    const { browser, client, page, verifier } = await visitor.reachesOrganizations({ email: 'head@example.com' });
    const [, href = ''] = /href="([^"]*organization=o-[^"]*)"/.exec(page.html) ?? [];
    const rest = await browser.submit(await browser.open(href.replaceAll('&amp;', '&')), '/consent');
    expect((await client.exchange(rest.url, verifier)).status).toBe(200);
    const account = await browser.open(`${server.origin}/mcp/oauth/account`);
    const [, connection = ''] = /href="([^"]*\/connections\/[^"/]+)"/.exec(account.html) ?? [];
    const change = await browser.open(`${server.origin}${connection}/change`);

    const teams = (html: string) =>
      [...html.matchAll(/<strong class="name"><bdi>(team \d+)<\/bdi>/gi)].map(([, name]) => name);
    expect(teams(account.html)).toEqual(['Team 1', 'team 2', 'Team 10']);
    expect(teams(change.html)).toEqual(['Team 1', 'team 2', 'Team 10']);
  });

  it.each([
    [8, false],
    [9, true],
  ])('have a search field from nine on: %i', async (count, isThere) => {
    const { page } = await visitor.reachesOrganizations({ email: `has${count}@example.com` });
    expect(page.html.includes('type="search"')).toBe(isThere);
  });

  it('can be searched when there are nine or more, in letters of either case, with or without accents', async () => {
    const { browser, page } = await visitor.reachesOrganizations({ email: 'many@example.com' });
    expect(page.html).toContain('type="search"');

    const find = async (text: string) =>
      namesOn((await browser.open(`${page.url.pathname}?organization=&search=${encodeURIComponent(text)}`)).html);
    expect(await find('equipe')).toEqual(['Équipe &lt;b&gt;']);
    expect(await find('LAB 1')).toEqual(['Lab 1', 'Lab 10', 'Lab 11', 'Lab 12']);
    expect(await find('')).toHaveLength(16);
  });

  it('are none for a text that no name has, which is shown as it was typed, and there is a way back', async () => {
    const { browser, page } = await visitor.reachesOrganizations({ email: 'many@example.com' });
    const { status, html } = await browser.open(`${page.url.pathname}?organization=&search=%22%3E%3Cb%3E`);

    expect([status, namesOn(html)]).toEqual([200, []]);
    expect(html).toContain('value="&#34;&gt;&lt;b&gt;"');
    expect(html).toContain('Show all');
  });
});

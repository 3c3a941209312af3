import { describe, expect, it } from '@jest/globals';
import type { Store } from '../../src/storage/index.ts';
import type { LoadedPage } from '../support/browser-without-a-screen.ts';
import { isOwnLook } from '../support/own-looks.ts';
import { shared } from '../support/shared.ts';
import { type AccountBrowser, account, type Role, startAccountFixtures } from './account-fixtures.ts';

const acme = `${account}/organizations/acme`;

/** So many connections for Acme, and who looks at them; `notes` are of the page that was opened last. */
async function startWithConnections<T>(count: number, who: Role[], watched?: (store: Store, notes: T[]) => Store) {
  const notes: T[] = [];
  const home = await startAccountFixtures({}, (store) => watched?.(store, notes) ?? store);
  await home.begins(count, 'acme', who);
  const [owner, member] = [await home.signedIn('owner'), await home.signedIn('member')];
  const opens = (person: AccountBrowser, path: string): Promise<LoadedPage> => {
    notes.length = 0;
    return person.opens(path);
  };
  return { ...home, owner, member, notes, opens };
}

const numbersOn = ({ html }: LoadedPage) =>
  [...html.matchAll(/<strong class="name"><bdi>Number (\d+)</g)].map(([, number]) => Number(number));
const wordsOn = ({ html }: LoadedPage) => /<p class="note">([^<]* of [^<]*)<\/p>/.exec(html)?.[1];
const linkOn = ({ html }: LoadedPage, words: string) => new RegExp(`href="([^"]*)">${words}</a>`).exec(html)?.[1];
const isSmall = ({ html }: LoadedPage) => html.length < 150_000;

describe('a long list', () => {
  const total = 1120;
  const home = shared(async () => {
    const started = await startWithConnections<string>(total, ['member', 'colleague', 'admin']);
    const directory = started.directory as unknown as Record<string, (...given: unknown[]) => unknown>;
    for (const name of ['findAccount', 'findAccountWithMemberships', 'findMembership', 'memberships']) {
      const ask = directory[name]?.bind(directory);
      directory[name] = (...given) => {
        started.notes.push([name, ...given].join(' '));
        return ask?.(...given);
      };
    }
    return started;
  });
  const opens = (path: string) => home.opens(home.owner, path);
  const ofMine = (path: string) => home.opens(home.member, path);

  it('of an organization is shown 50 a page, the newest first, every connection once', async () => {
    const seen: number[] = [];
    let pages = 0;
    for (let href: string | undefined = acme; href; pages += 1) {
      const page: LoadedPage = await opens(href);
      const numbers = numbersOn(page);
      const [from, to] = [pages * 50 + 1, pages * 50 + numbers.length].map((each) => each.toLocaleString('en-GB'));
      expect(wordsOn(page)).toBe(`${from} to ${to} of 1,120, the newest first`);
      expect(Math.max(...numbers)).toBe(total - 1 - pages * 50);
      seen.push(...numbers);
      href = linkOn(page, 'Older');
    }
    expect(pages).toBe(23);
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, n) => n));
  });

  it('leads back, and to the first page without a number', async () => {
    const third = await opens(`${acme}?page=3`);
    expect([linkOn(third, 'Newer'), linkOn(third, 'Older')]).toEqual([`${acme}?page=2`, `${acme}?page=4`]);
    expect(linkOn(await opens(`${acme}?page=2`), 'Newer')).toBe(acme);
    expect(linkOn(await opens(acme), 'Newer')).toBeUndefined();
  });

  it.each([
    ['0', '1 to 50'],
    ['-1', '1 to 50'],
    ['1.5', '1 to 50'],
    ['x', '1 to 50'],
    ['2&page=3', '1 to 50'],
    ['24', '1,101 to 1,120'],
    ['9007199254740991', '1,101 to 1,120'],
  ])('has no page %s: %s is shown', async (page, words) => {
    expect(wordsOn(await opens(`${acme}?page=${page}`))).toContain(words);
  });

  it('asks the directory once for each person', async () => {
    await opens(acme);
    expect(home.notes).toHaveLength(new Set(home.notes).size);
    // The administrator, and the three who made what is shown.
    expect(home.notes.filter((question) => question.startsWith('findAccount'))).toHaveLength(4);
    await ofMine(account);
    expect(home.notes).toHaveLength(new Set(home.notes).size);
  });

  it('is a small page, whatever its length', async () => {
    expect(isSmall(await opens(acme))).toBe(true);
  });

  it('of my own is shown in pages, with all of a client to end together', async () => {
    const first = await ofMine(account);
    expect(numbersOn(first)).toHaveLength(50);
    expect(wordsOn(first)).toBe('1 to 50 of 374, the newest first');
    const last = await ofMine(`${account}?page=8`);
    expect(numbersOn(last)).toHaveLength(24);
    const all = `${account}/clients/disconnect?client=name%3ATool%200`;
    expect(last.html).toContain(all);
    expect((await ofMine(all)).html).toContain('It has 54 connections; the newest 50 are listed.');
  });

  it('is still there where it was after one of it was ended', async () => {
    const third = await opens(`${acme}?page=3`);
    const href = /href="([^"]*\/disconnect\?page=3)"/.exec(third.html)?.[1] ?? '';
    const back = await home.owner.submits(href);
    expect(back.url.pathname + back.url.search).toBe(`${acme}?page=3`);
    expect(wordsOn(back)).toContain('101 to 150 of 1,119');
  });

  it('is for nobody else, on whichever page: answered exactly as if there were no such organization', async () => {
    const plain = ({ html }: LoadedPage) => html.replace(/<code><bdi>[0-9A-Z]{8}<\/bdi><\/code>/, '');
    for (const query of ['', '?page=2', '?page=99']) {
      const refused = await ofMine(acme + query);
      const absent = await ofMine(`${account}/organizations/none${query}`);
      expect([refused.status, plain(refused)]).toEqual([404, plain(absent)]);
    }
  });

  it('has one page, and says nothing about pages, where it is short', async () => {
    expect((await opens(account)).html).not.toContain('class="paging"');
  });
});

describe('20,000 connections', () => {
  /** How many records and ids the store was asked for at once. */
  const watched = (store: Store, sizes: number[]) =>
    new Proxy(store, {
      get(target, name) {
        const method = Reflect.get(target, name).bind(target);
        return (...given: unknown[]) => {
          if (!isOwnLook(name, given)) sizes.push(...given.map((each) => (Array.isArray(each) ? each.length : 1)));
          return method(...given);
        };
      },
    });
  const home = shared(() => startWithConnections(20_000, ['member'], watched));
  const largest = () => Math.max(...home.notes);
  const allOf = (tool: string) => `${account}/clients/disconnect?client=name%3A${encodeURIComponent(tool)}`;

  it.each([['of an organization', 'owner', acme] as const, ['of my own', 'member', account] as const])(
    '%s are shown in small pages, each read by itself, and counted',
    async (_whose, who, path) => {
      const first = await home.opens(home[who], path);
      expect(wordsOn(first)).toBe('1 to 50 of 20,000, the newest first');
      expect([numbersOn(first)[0], isSmall(first)]).toEqual([19_999, true]);
      expect(largest()).toBeLessThanOrEqual(50);
      const asked = home.notes.length;

      const last = await home.opens(home[who], `${path}?page=400`);
      expect(wordsOn(last)).toBe('19,951 to 20,000 of 20,000, the newest first');
      expect(numbersOn(last)).toContain(0);
      expect(home.notes).toHaveLength(asked);
    },
  );

  it('of a client are asked about with as many as were looked through, and all of them end, and no other', async () => {
    const confirm = await home.opens(home.member, allOf('Tool 0'));
    expect(confirm.html).toMatch(/It has at least [23]\d\d connections; the newest 50 are listed\./);
    expect(largest()).toBeLessThanOrEqual(500);

    home.notes.length = 0;
    await home.member.submits(allOf('Tool 0'));
    expect(largest()).toBeLessThanOrEqual(500);
    expect(wordsOn(await home.opens(home.owner, acme))).toBe('1 to 50 of 17,142, the newest first');
    expect((await home.opens(home.member, allOf('Tool 0'))).status).toBe(404);
    expect((await home.member.forces(allOf('Tool 0'))).status).toBe(404);
  });
});

it('the list groups connections by tool, and those by organization, and says until when each lives (R89)', async () => {
  await using home = await startAccountFixtures();
  for (const [client_name, organization] of [
    ['Editor', 'acme'],
    ['Terminal', 'globex'],
    ['Editor', 'globex'],
    ['Editor', 'acme'],
  ] as const)
    await home.connects('owner', organization, { client_name });
  const owner = await home.signedIn('owner');
  const { html } = await owner.opens(account);
  const text = html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

  const headings = [...html.matchAll(/<h([23])[^>]*>(?:In )?<bdi[^>]*>([^<]*)</g)];
  const editor = ['2 Editor', '3 Acme Corp', '3 Globex'];
  const terminal = ['2 Terminal', '3 Globex'];
  // Approved within one second, either is the newest.
  expect([
    [...editor, ...terminal],
    [...terminal, ...editor],
  ]).toContainEqual(headings.map(([, level, words]) => `${level} ${words}`));
  const inThirtyDays = new Date(Date.now() + 30 * 86_400_000);
  const day = inThirtyDays.toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
  expect(text.split(`Until ${day} if it is not used before`)).toHaveLength(5);
  // When each was used last, and what it may do.
  expect(html.match(/last renewed <time datetime="[^"]+"><bdi>just now<\/bdi><\/time>/g) ?? []).toHaveLength(4);
  expect(html.match(/<span>\d+ permissions<\/span>/g) ?? []).toHaveLength(4);
  expect(html.split('<bdi>See projects and their settings</bdi>')).toHaveLength(5);
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Store } from '../../src/storage/index.ts';
import type { Rest } from '../support/browser-without-a-screen.ts';
import { type AccountBrowser, type AccountFixtures, startAccountFixtures } from './account-fixtures.ts';

const account = '/mcp/oauth/account';
const acme = `${account}/organizations/acme`;
const total = 1120;

let home: AccountFixtures;
let owner: AccountBrowser;
let member: AccountBrowser;
/** What was asked of the directory. */
let asked: string[];
beforeAll(async () => {
  home = await startAccountFixtures();
  await home.begins(total, 'acme', ['member', 'colleague', 'admin']);
  [owner, member] = [await home.signedIn('owner'), await home.signedIn('member')];
  const directory = home.server.server.directory as unknown as Record<string, (...given: unknown[]) => unknown>;
  for (const name of ['findAccount', 'findAccountWithMemberships', 'findMembership', 'memberships']) {
    const ask = directory[name]?.bind(directory);
    directory[name] = (...given) => {
      asked.push([name, ...given].join(' '));
      return ask?.(...given);
    };
  }
});
afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

const numbersOn = ({ html }: Rest) =>
  [...html.matchAll(/<strong class="name"><bdi>Number (\d+)</g)].map(([, number]) => Number(number));
const wordsOn = ({ html }: Rest) => /<p class="note">([^<]* of [^<]*)<\/p>/.exec(html)?.[1];
const linkOn = ({ html }: Rest, words: string) => new RegExp(`href="([^"]*)">${words}</a>`).exec(html)?.[1];
const descending = (numbers: number[]) => numbers.toSorted((a, b) => b - a);
async function opens(who: AccountBrowser, path: string) {
  asked = [];
  return who.opens(path);
}

describe('a long list', () => {
  it('of an organization is shown 50 a page, the newest first, every connection once', async () => {
    const seen: number[] = [];
    let pages = 0;
    for (let href: string | undefined = acme; href; ) {
      const page: Rest = await opens(owner, href);
      const numbers = numbersOn(page);
      const from = pages * 50 + 1;
      expect(wordsOn(page)).toBe(
        `${from.toLocaleString('en-GB')} to ${(from + numbers.length - 1).toLocaleString('en-GB')} of 1,120, the newest first`,
      );
      expect(Math.max(...numbers)).toBe(total - from);
      seen.push(...numbers);
      pages += 1;
      href = linkOn(page, 'Older');
    }
    expect(pages).toBe(23);
    expect(descending(seen)).toEqual(Array.from({ length: total }, (_, n) => total - 1 - n));
  });

  it('leads back, and to the first page without a number', async () => {
    const third = await opens(owner, `${acme}?page=3`);
    expect([linkOn(third, 'Newer'), linkOn(third, 'Older')]).toEqual([`${acme}?page=2`, `${acme}?page=4`]);
    expect(linkOn(await opens(owner, `${acme}?page=2`), 'Newer')).toBe(acme);
    expect(linkOn(await opens(owner, acme), 'Newer')).toBeUndefined();
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
    expect(wordsOn(await opens(owner, `${acme}?page=${page}`))).toContain(words);
  });

  it('asks the directory once for each person', async () => {
    await opens(owner, acme);
    expect(asked).toHaveLength(new Set(asked).size);
    // The administrator, and the three who made what is shown.
    expect(asked.filter((question) => question.startsWith('findAccount'))).toHaveLength(4);
    await opens(member, account);
    expect(asked).toHaveLength(new Set(asked).size);
  });

  it('is a small page, whatever its length', async () => {
    expect((await opens(owner, acme)).html.length).toBeLessThan(150_000);
  });

  it('of my own is shown in pages, with all of a client to end together', async () => {
    const first = await opens(member, account);
    expect(numbersOn(first)).toHaveLength(50);
    expect(wordsOn(first)).toBe('1 to 50 of 374, the newest first');
    const last = await opens(member, '/mcp/oauth/account?page=8');
    expect(numbersOn(last)).toHaveLength(24);
    expect(last.html).toContain('/mcp/oauth/account/clients/disconnect?client=name%3ATool%200');
    const confirm = await opens(member, '/mcp/oauth/account/clients/disconnect?client=name%3ATool%200');
    expect(confirm.html).toContain('It has 54 connections; the newest 50 are listed.');
  });

  it('is still there where it was after one of it was ended', async () => {
    const third = await opens(owner, `${acme}?page=3`);
    const href = /href="([^"]*\/disconnect\?page=3)"/.exec(third.html)?.[1] ?? '';
    const back = await owner.submits(href);
    expect(back.url.pathname + back.url.search).toBe(`${acme}?page=3`);
    expect(wordsOn(back)).toContain('101 to 150 of 1,119');
  });

  it('is for nobody else, on whichever page: answered exactly as if there were no such organization', async () => {
    const plain = ({ html }: Rest) => html.replace(/<code><bdi>[0-9A-Z]{8}<\/bdi><\/code>/, '');
    for (const query of ['', '?page=2', '?page=99']) {
      const refused = await opens(member, acme + query);
      const absent = await opens(member, `/mcp/oauth/account/organizations/none${query}`);
      expect([refused.status, plain(refused)]).toEqual([404, plain(absent)]);
    }
  });
});

describe('a short list', () => {
  it('has one page and says nothing about pages', async () => {
    const page = await opens(owner, account);
    expect(page.html).not.toContain('class="paging"');
  });
});

describe('20,000 connections', () => {
  let home: AccountFixtures;
  let owner: AccountBrowser;
  let member: AccountBrowser;
  /** How many records and ids the store was asked for at once. */
  let sizes: number[];
  beforeAll(async () => {
    home = await startAccountFixtures({}, watched);
    await home.begins(20_000, 'acme', ['member']);
    [owner, member] = [await home.signedIn('owner'), await home.signedIn('member')];
  });
  afterAll(async () => home[Symbol.asyncDispose]());

  function watched(store: Store): Store {
    return new Proxy(store, {
      get(target, name) {
        const method = Reflect.get(target, name).bind(target);
        return (...given: unknown[]) => {
          sizes?.push(...given.map((each) => (Array.isArray(each) ? each.length : 1)));
          return method(...given);
        };
      },
    });
  }
  async function opens(who: AccountBrowser, path: string) {
    sizes = [];
    return who.opens(path);
  }
  const allOf = (tool: string) => `${account}/clients/disconnect?client=name%3A${encodeURIComponent(tool)}`;

  it.each([
    ['of an organization', () => owner, acme],
    ['of my own', () => member, account],
  ])('%s are shown in small pages, each read by itself, and counted', async (_whose, who, path) => {
    const first = await opens(who(), path);
    expect(wordsOn(first)).toBe('1 to 50 of 20,000, the newest first');
    expect(numbersOn(first)[0]).toBe(19_999);
    expect(first.html.length).toBeLessThan(150_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(50);
    const asked = sizes.length;

    const last = await opens(who(), `${path}?page=400`);
    expect(wordsOn(last)).toBe('19,951 to 20,000 of 20,000, the newest first');
    expect(numbersOn(last)).toContain(0);
    expect(sizes.length).toBe(asked);
  });

  it('of a client are asked about with as many as were looked through, and all of them end, and no other', async () => {
    const confirm = await opens(member, allOf('Tool 0'));
    expect(confirm.html).toMatch(/It has at least [23]\d\d connections; the newest 50 are listed\./);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500);

    sizes = [];
    await member.submits(allOf('Tool 0'));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500);
    expect(wordsOn(await opens(owner, acme))).toBe('1 to 50 of 17,142, the newest first');
    expect((await opens(member, allOf('Tool 0'))).status).toBe(404);
    expect((await member.forces(allOf('Tool 0'))).status).toBe(404);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Store } from '../../src/storage/index.ts';
import type { Rest } from '../support/browser-without-a-screen.ts';
import { type AccountBrowser, type AccountFixtures, startAccountFixtures } from './account-fixtures.ts';

const total = 20_000;
const account = '/mcp/oauth/account';
const acme = `${account}/organizations/acme`;
const allOf = (tool: string) => `${account}/clients/disconnect?client=name%3A${encodeURIComponent(tool)}`;

let home: AccountFixtures;
let owner: AccountBrowser;
let member: AccountBrowser;
/** How many records and ids the store was asked for at once. */
let sizes: number[];
beforeAll(async () => {
  home = await startAccountFixtures({}, (store) => watched(store));
  await home.begins(total, 'acme', ['member']);
  [owner, member] = [await home.signedIn('owner'), await home.signedIn('member')];
});
afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

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
async function opens(who: AccountBrowser, path: string): Promise<Rest> {
  sizes = [];
  return who.opens(path);
}
const words = ({ html }: Rest) => /<p class="note">([^<]* of [^<]*)<\/p>/.exec(html)?.[1];
const rowsOn = ({ html }: Rest) => [...html.matchAll(/<strong class="name"><bdi>Number (\d+)</g)].map(([, n]) => n);

describe('20,000 connections', () => {
  it.each([
    ['of an organization', () => owner, acme],
    ['of my own', () => member, account],
  ])('%s are shown in small pages, each read by itself, and counted', async (_whose, who, path) => {
    const first = await opens(who(), path);
    expect(words(first)).toBe('1 to 50 of 20,000, the newest first');
    expect(rowsOn(first)[0]).toBe('19999');
    expect(first.html.length).toBeLessThan(150_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(50);
    const asked = sizes.length;

    const last = await opens(who(), `${path}?page=400`);
    expect(words(last)).toBe('19,951 to 20,000 of 20,000, the newest first');
    expect(rowsOn(last)).toContain('0');
    expect(sizes.length).toBe(asked);
  });

  it('of a client are asked about with as many as were looked through, and all of them end, and no other', async () => {
    const confirm = await opens(member, allOf('Tool 0'));
    expect(confirm.html).toMatch(/It has at least [23]\d\d connections; the newest 50 are listed\./);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500);

    sizes = [];
    await member.submits(allOf('Tool 0'));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500);
    expect(words(await opens(owner, acme))).toBe('1 to 50 of 17,142, the newest first');
    expect((await opens(member, allOf('Tool 0'))).status).toBe(404);
    expect((await member.forces(allOf('Tool 0'))).status).toBe(404);
  });
});

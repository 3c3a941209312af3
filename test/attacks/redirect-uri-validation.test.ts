import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Attacked, startAttacked } from '../support/attacked.ts';
import { type RelyingParty, registerClient } from '../support/relying-party.ts';

/** RFC 9700 §4.1, insufficient redirect URI validation: a code that is sent to an address which only resembles the registered one. */
const website = 'https://tool.example/cb';
const loopback = 'http://127.0.0.1:8765/callback';

let here: Attacked;
const tools: Record<string, RelyingParty> = {};
beforeAll(async () => {
  here = await startAttacked();
  tools[website] = await registerClient(here.server.issuer, { redirect_uris: [website] });
  tools[loopback] = here.client;
});
afterAll(() => here.close());

const lures: readonly (readonly [string, string, string])[] = [
  ['another host', website, 'https://evil.example/cb'],
  ['a host that begins like the registered one', website, 'https://tool.example.evil.example/cb'],
  ['a host that ends like the registered one', website, 'https://eviltool.example/cb'],
  ['a host below the registered one', website, 'https://evil.tool.example/cb'],
  ['a path that begins like the registered one', website, 'https://tool.example/cb/evil'],
  ['a path that ends like the registered one', website, 'https://tool.example/evil/cb'],
  ['a way up in the path', website, 'https://tool.example/cb/../evil'],
  ['a way up in the path, in escapes', website, 'https://tool.example/cb/%2e%2e/evil'],
  ['a way up that ends where it began', website, 'https://tool.example/x/../cb'],
  ['a query that was not registered', website, 'https://tool.example/cb?next=https://evil.example'],
  ['another port of a website', website, 'https://tool.example:8443/cb'],
  ['a user name that looks like the host', website, 'https://tool.example@evil.example/cb'],
  ['a user name before the host', website, 'https://evil@tool.example/cb'],
  ['a backslash before another host', website, 'https://evil.example\\@tool.example/cb'],
  ['capitals in the path', website, 'https://tool.example/CB'],
  ['capitals in the host', website, 'https://TOOL.example/cb'],
  ['a letter in escapes', website, 'https://tool.example/%63b'],
  ['an escaped slash', website, 'https://tool.example%2fcb'],
  ['a fragment', website, 'https://tool.example/cb#evil'],
  ['a line end', website, 'https://tool.example/cb\r\nLocation: https://evil.example'],
  ['no encryption', website, 'http://tool.example/cb'],
  ['a pattern', website, 'https://tool.example/*'],
  ['a script', website, 'javascript:alert(1)'],
  ['another path of this computer', loopback, 'http://127.0.0.1:8765/callback/more'],
  ['a host that begins like this computer', loopback, 'http://127.0.0.1.evil.example:8765/callback'],
  ['a host behind the user name 127.0.0.1', loopback, 'http://127.0.0.1:8765@evil.example/callback'],
];

describe('a code sent to an address that only resembles the registered one: refused on a page of ours', () => {
  it.each(lures)('%s', async (_name, registered, used) => {
    const tool = tools[registered] as RelyingParty;
    for (const parameters of [{}, { prompt: 'none' }, { response_type: 'token' }]) {
      const { url } = tool.authorizationRequest({ redirect_uri: used, ...parameters });

      const rest = await here.changesNothing(() => here.person.browser.open(url.href));

      expect([rest.status, rest.url.origin]).toEqual([400, here.server.origin]);
      expect(rest.html).toContain('We stopped this request');
      expect(rest.html).not.toMatch(/href="[^"]*evil/);
    }
  });

  it.each([true, false])('two addresses, of which one is registered; that one first: %s', async (isFirst) => {
    const { url } = here.client.authorizationRequest({ redirect_uri: isFirst ? loopback : 'https://evil.example/cb' });
    url.searchParams.append('redirect_uri', isFirst ? 'https://evil.example/cb' : loopback);

    const rest = await here.changesNothing(() => here.person.browser.open(url.href));

    expect([here.server.origin, new URL(loopback).origin]).toContain(rest.url.origin);
    expect(rest.url.searchParams.has('code')).toBe(false);
  });

  it('the address of another client', async () => {
    const { url } = here.client.authorizationRequest({ redirect_uri: website });

    const rest = await here.changesNothing(() => here.person.browser.open(url.href));

    expect([rest.status, rest.url.origin]).toEqual([400, here.server.origin]);
  });
});

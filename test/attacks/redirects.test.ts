import { describe, expect, it } from '@jest/globals';
import { startAttacked } from '../support/attacked.ts';
import type { LoadedPage } from '../support/browser-without-a-screen.ts';
import { createPerson } from '../support/person.ts';
import { answerIn, redirectUri as loopback, relyingParty } from '../support/relying-party.ts';
import { shared } from '../support/shared.ts';

const configured = { client_id: 'partner', client_name: 'Partner', redirect_uris: ['https://partner.example/cb'] };
const here = shared(() => startAttacked({ policy: { clients: [configured] } }));
const stays = ({ url }: Pick<LoadedPage, 'url'>) => url.origin === here.server.origin;

/** RFC 9700 §4.1, insufficient redirect URI validation: a code that is sent to an address which only resembles the registered one. */
const website = 'https://tool.example/cb';
const ofWebsite = shared(() => here.registers({ redirect_uris: [website] }));
const lookalikes: readonly (readonly [string, string, string])[] = [
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
  it.each(lookalikes)('%s', async (_name, registered, redirect_uri) => {
    const tool = registered === website ? ofWebsite : here.client;
    for (const parameters of [{}, { prompt: 'none' }, { response_type: 'token' }]) {
      const rest = await here.opensInVain({ redirect_uri, ...parameters }, tool);

      expect([rest.status, stays(rest)]).toEqual([400, true]);
      expect(rest.html).toContain('We stopped this request');
      expect(rest.html).not.toMatch(/href="[^"]*evil/);
    }
  });

  it.each([true, false])('two addresses, of which one is registered; that one first: %s', async (isFirst) => {
    const [first, second] = isFirst ? [loopback, 'https://evil.example/cb'] : ['https://evil.example/cb', loopback];
    const { url: asked } = here.client.authorizationRequest({ redirect_uri: first });
    asked.searchParams.append('redirect_uri', second);

    const { url } = await here.changesNothing(() => here.person.browser.open(asked.href));

    expect([here.server.origin, new URL(loopback).origin]).toContain(url.origin);
    expect(url.searchParams.has('code')).toBe(false);
  });

  it('the address of another client', async () => {
    const rest = await here.opensInVain({ redirect_uri: website });

    expect([rest.status, stays(rest)]).toEqual([400, true]);
  });
});

/** RFC 9700 §4.11: whoever registers a client chooses where we send people, and they trust the link because it is ours. */
const phishing = { redirect_uris: ['https://phishing.example/cb'] };
const phishingOut = 'https://phishing.example/out';
const attacker = shared(() => here.registers({ ...phishing, post_logout_redirect_uris: [phishingOut] }));
const lures: Record<string, Record<string, string | undefined>> = {
  'prompt=none': { prompt: 'none' },
  'a code challenge in the clear': { code_challenge_method: 'plain' },
  'a response type that is not supported': { response_type: 'token' },
  'no PKCE': { code_challenge: undefined, code_challenge_method: undefined },
  'a response mode that is not supported': { response_mode: 'form_post' },
  'an error in the fragment': { prompt: 'none', response_mode: 'fragment' },
  'a resource that is not ours': { resource: 'https://elsewhere.example/mcp' },
  'a request object': { request: 'e30.e30.' },
  'two prompts that exclude each other': { prompt: 'none login' },
};

describe.each(Object.entries(lures))('a link with %s', (_name, request) => {
  it('does not send whoever follows it to a stranger but names the host', async () => {
    const rest = await here.opensInVain(request, attacker);

    expect([stays(rest), rest.status, rest.headers.get('location')]).toEqual([true, 400, null]);
    expect(rest.html).toContain('phishing.example');
    expect(rest.html).not.toContain('http-equiv="refresh"');
  });

  it('is answered where a program on this computer waits (RFC 6749 §4.1.2.1)', async () => {
    const { url, state } = await here.opensInVain(request, await here.registers());

    expect(stays({ url })).toBe(false);
    expect(answerIn(url)).toMatchObject({ state, error: expect.any(String) });
  });

  it('is answered at the client of the operator', async () => {
    const partner = relyingParty(here.server.issuer, configured);
    expect((await here.opensInVain(request, partner)).url.host).toBe('partner.example');
  });
});

describe('an app that owns a scheme', () => {
  it('is not opened by a link alone', async () => {
    const app = await here.registers({ redirect_uris: ['cursor://anysphere/cb'] });
    const rest = await here.opensInVain({ prompt: 'none' }, app);

    expect([stays(rest), rest.html.includes('cursor://anysphere')]).toEqual([true, true]);
  });
});

describe('signing out', () => {
  const signOut = (client_id: string, post_logout_redirect_uri: string) =>
    `${here.server.issuer}/oauth/sign-out?${new URLSearchParams({ client_id, post_logout_redirect_uri, state: 'x' })}`;

  it('does not send whoever is not signed in to a stranger', async () => {
    const rest = await here.stranger().open(signOut(attacker.clientId, phishingOut));

    expect([stays(rest), rest.status]).toEqual([true, 200]);
    expect(rest.html).toContain('href="https://phishing.example/out?state=x"');
    expect(rest.html).not.toContain('http-equiv="refresh"');
  });

  it('does not do so after the sign-out either', async () => {
    const { browser, approves } = createPerson(here.server.origin);
    await approves(here.client.authorizationRequest().url);
    const rest = await browser.submit(await browser.open(signOut(attacker.clientId, phishingOut)), '/confirm');

    expect([stays(rest), rest.html.includes('You are signed out')]).toEqual([true, true]);
    expect(rest.html).not.toContain('http-equiv="refresh"');
  });

  it('leads to the program on this computer that asked for it', async () => {
    const { clientId } = await here.registers({ post_logout_redirect_uris: ['http://127.0.0.1:8765/out'] });
    const rest = await here.stranger().open(signOut(clientId, 'http://127.0.0.1:8765/out'));

    expect(rest.url.href).toBe('http://127.0.0.1:8765/out?state=x');
  });

  it('says that nobody is signed in where nobody is', async () => {
    const rest = await here.stranger().open(`${here.server.issuer}/oauth/sign-out`);

    expect([rest.status, rest.html.includes('You are signed out')]).toEqual([200, true]);
  });
});

/** A client whose "redirect URI" starts something on the computer of whoever approves it. MCP security best practices, "Local MCP Server Compromise". */
const ofTheSystem = [
  ...['applescript', 'smb', 'afp', 'ssh', 'itms-services', 'itms-apps', 'ms-msdt', 'ms-officecmd', 'ms-appinstaller'],
  ...['search-ms', 'intent', 'mailto', 'tel', 'shell', 'x-apple.systempreferences', 'shortcuts', 'vnc', 'rdp'],
  ...['telnet', 'nfs', 'sftp', 'jnlp', 'hcp', 'facetime', 'market', 'android-app', 'content', 'apt', 'snap', 'man'],
  ...['help', 'ldap', 'x-help-script', 'admin', 'otpauth', 'upi', 'scp', 'dav+sd', 'xmpp', 'microsoft.windows.camera'],
  ...['microsoft-edge', 'microsoft-edge-holographic', 'sip', 'smsto', 'magnet', 'webcal', 'svn+ssh', 'windowsdefender'],
];

describe('a redirect to a program of the system', () => {
  it.each(ofTheSystem)('is refused, by %s:', async (scheme) => {
    for (const spelling of [scheme, scheme.toUpperCase()]) {
      const registers = () => here.registers({ redirect_uris: [`${spelling}://run/this`] });
      await here.changesNothing(() => expect(registers()).rejects.toThrow(`must not use the scheme ${scheme}`));
    }
  });
});

describe('a redirect to a tool that nobody has heard of', () => {
  it.each([
    ...['zed', 'msapp', 'searchlight', 'sshell', 'smbrowser', 'mantis', 'helper', 'infosys', 'snapcode', 'aptitude-ai'],
    ...['com.example.app', 'x-my-tool', 'itool', 'shellby', 'telescope', 'contentful', 'marketplace-ai'],
    ...['administer', 'bitcoiner', 'microsoft-365-helper', 'x-helper', 'upify'],
  ])('is taken, by %s:', async (scheme) => {
    const { registration } = await here.registers({ redirect_uris: [`${scheme}://callback`] });
    expect(registration.redirect_uris).toEqual([`${scheme}://callback`]);
  });
});

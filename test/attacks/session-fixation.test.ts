import { describe, expect, it } from '@jest/globals';
import { people } from '../account/account-fixtures.ts';
import { sessionOfNobody, watchStore } from '../support/attacked.ts';
import { createPlainBrowser, type LoadedPage, type PlainBrowser } from '../support/browser-without-a-screen.ts';
import { asItWas, sendsOnly } from '../support/planted.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { recordsOf } from '../support/test-store.ts';
import { password } from '../support/visitor.ts';

/**
 * Session fixation (OWASP ASVS 7.2.4): an attacker puts cookies of theirs into somebody's browser, from a sibling host
 * or an unlocked machine, and waits until that person signs in with them. Whatever was planted must be worth nothing in
 * the very answer that signs them in: a moment later the attacker's request may be the next one. MCP security best
 * practices, "Session Hijacking".
 */
const store = shared(watchStore);
const server = shared(() => startServer({ env: store.env }));
const client = shared(() => registerClient(server.issuer));

const victim = { email: people.owner, password };
const attackersOwn = { email: 'solo@example.com', password };

const account = '/mcp/oauth/account';
const heading = ({ html }: LoadedPage) => /<h1>(.*?)<\/h1>/s.exec(html)?.[1]?.replace(/<[^>]*>/g, '');
const opensFlow = (browser: PlainBrowser) => browser.open(client.authorizationRequest().url.href);
const opensSignIn = (browser: PlainBrowser) => browser.open(`${account}/sign-in`);

const sessionRecords = async () => (await recordsOf(store.kept, 'session')).map(({ key }) => key);

const plant = (from: PlainBrowser) => asItWas(server.origin, from);

/** Sends the sign-in form and goes no further: what counts is what holds before the browser's next request. */
async function sends(browser: PlainBrowser, { url, html }: LoadedPage): Promise<Response> {
  const [, action = ''] = /action="([^"]*\/sign-in[^"]*)"/.exec(html) ?? [];
  const [, csrf = ''] = /name="csrf" value="([^"]*)"/.exec(html) ?? [];
  return sendsOnly(browser, new URL(action, url), { method: 'POST', body: new URLSearchParams({ csrf, ...victim }) });
}

const plants = {
  'a session of nobody': (attacker: PlainBrowser) => attacker.open(`${server.issuer}/oauth/sign-out`),
  'a session of their own': async (attacker: PlainBrowser) =>
    attacker.submit(await opensSignIn(attacker), '/sign-in', attackersOwn),
  'a session of their own, from a flow': async (attacker: PlainBrowser) =>
    attacker.submit(await opensFlow(attacker), '/sign-in', attackersOwn),
};
const waysIn = {
  'in a flow': async (browser: PlainBrowser) => {
    const page = await opensFlow(browser);
    return page.html.includes('/sign-in"') ? page : browser.open(`${page.url}?account=another`);
  },
  'in the account': opensSignIn,
};
const attacks = Object.entries(plants).flatMap(([planted, plants]) =>
  Object.entries(waysIn).map(([where, reaches]) => ({ planted, where, plants, reaches })),
);

describe.each(attacks)('whoever planted $planted', ({ where, plants, reaches }) => {
  it(`is nobody as soon as the victim signs in ${where}, and the planted record is gone`, async () => {
    const attacker = createPlainBrowser(server.origin);
    const before = await sessionRecords();
    await plants(attacker);
    const [planted] = (await sessionRecords()).filter((key) => !before.includes(key));
    expect(planted).toBeDefined();
    const browser = plant(attacker);

    const answer = await sends(browser, await reaches(browser));
    expect(answer.status).toBe(303);

    expect(heading(await plant(attacker).open(account))).toBe('Sign in');
    expect((await opensFlow(plant(attacker))).html).toContain('/sign-in"');
    expect(await sessionRecords()).not.toContain(planted);
  });
});

describe('whoever planted a flow of their own', () => {
  it.each([
    ['with no session', async () => undefined],
    ['with a session of theirs', plants['a session of their own']],
  ])('%s does not go on in it as the victim who signed in there', async (_name, plants) => {
    const attacker = createPlainBrowser(server.origin);
    await plants(attacker);
    const page = await waysIn['in a flow'](attacker);
    const browser = plant(attacker);

    const answer = await sends(browser, await browser.open(page.url.href));
    const next = answer.headers.get('Location') ?? '';
    expect(next).toMatch(/\/oauth\/interaction\//);

    const { pathname } = page.url;
    for (const path of [next, pathname, pathname.replace('/interaction/', '/authorize/')]) {
      const stolen = await store.changesNothing(() => attacker.open(path), sessionOfNobody);
      expect([stolen.status, heading(stolen)]).toEqual([400, expect.stringMatching(/^This sign-in has ended/)]);
    }
    expect(heading(await attacker.open(account))).toBe('Sign in');
  });
});

describe('whoever planted a flow that waits for an approval', () => {
  it('neither sees who signed in there nor approves in their name', async () => {
    const attacker = createPlainBrowser(server.origin);
    await plants['a session of their own'](attacker);
    const consent = await opensFlow(attacker);
    expect(consent.html).toContain('/consent"');
    const browser = plant(attacker);

    await sends(browser, await browser.open(`${consent.url}?account=another`));
    const looks = await store.changesNothing(() => attacker.open(consent.url.href));
    const approves = await store.changesNothing(() => attacker.submit(consent, '/consent'));

    for (const answer of [looks, approves]) {
      expect([answer.status, heading(answer)]).toEqual([400, 'This sign-in has ended']);
      expect(answer.html).not.toContain(victim.email);
    }
  });
});

describe('a session in a URL', () => {
  it('is none, whether it is one that somebody stole or one that somebody planted', async () => {
    const owner = createPlainBrowser(server.origin);
    await owner.submit(await opensSignIn(owner), '/sign-in', victim);
    const pairs = [...owner.cookies].map(([key, { value }]) => `${key.split(' ')[0]}=${value}`);
    // The signatures of cookies are cookies of their own: all at once, too.
    for (const said of [...pairs, pairs.join('&'), `sid=${pairs.join('&sid=')}`]) {
      for (const url of [`${account}?${said}`, `${account};${said.replaceAll('&', ';')}`]) {
        const rest = await store.changesNothing(() => createPlainBrowser(server.origin).open(url));
        expect(rest.html).not.toContain(victim.email);
        expect(rest.status === 404 || rest.html.includes('/sign-in')).toBe(true);
      }
    }
    expect((await owner.open(account)).html).toContain(victim.email);
  });
});

describe('the victim', () => {
  it('goes on with the flow, although the cookies were planted', async () => {
    const attacker = createPlainBrowser(server.origin);
    await plants['a session of their own'](attacker);
    const browser = plant(attacker);
    const page = await waysIn['in a flow'](browser);

    const rest = await browser.submit(page, '/sign-in', victim);
    expect(heading(rest)).toBe('Choose an organization');
    const consent = await browser.open(`${rest.url.pathname}?organization=acme`);
    expect((await browser.submit(consent, '/consent')).url.searchParams.has('code')).toBe(true);
  });
});

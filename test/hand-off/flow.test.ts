import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createPlainBrowser, type LoadedPage } from '../support/browser-without-a-screen.ts';
import { cookieHeader } from '../support/cookies.ts';
import { shared } from '../support/shared.ts';
import { aPersonOf, challengeOf, now, theHandOff } from './hand-off.ts';

const here = shared(theHandOff);

const grace = { sub: 'u_2', org_slug: 'acme', org_role: 'member' };
const claimsOf = (token: unknown) => decodeJwt(String(token));
const isRefused = ({ status, html }: LoadedPage, words: string) =>
  expect([status, html]).toEqual([403, expect.stringContaining(words)]);

/** Where the first page of a flow sends the browser, before it goes there. */
async function sentTo(parameters: Record<string, string | undefined> = {}) {
  const browser = createPlainBrowser(here.origin);
  return (await browser.open(here.tool.authorizationRequest(parameters).url.href)).url;
}

/** Somebody whose flow has begun; what its page answers by itself to their browser. */
async function begunFlow() {
  const { atServer } = aPersonOf(here);
  const { url } = await atServer.open(here.tool.authorizationRequest().url.href);
  const path = String([...atServer.cookies.values()].find((cookie) => cookie.path.includes('/interaction/'))?.path);
  const ask = (below = '', init: RequestInit = {}) =>
    fetch(`${here.origin}${path}${below}`, {
      redirect: 'manual',
      headers: { cookie: cookieHeader(atServer) },
      ...init,
    });
  return { url, path, ask };
}

describe('an authorization where accounts are in a console', () => {
  it('leads to the console, back to the consent page, and to tokens for its account', async () => {
    const tokens = await aPersonOf(here).connects('grace@example.com', { scope: 'openid project:read' });
    expect(claimsOf(tokens.access_token)).toMatchObject(grace);
    const renewed = await here.tool.refresh(String(tokens.refresh_token));
    expect(claimsOf(renewed.body.access_token)).toMatchObject(grace);
  });

  it('says in the ID token when the person signed in there', async () => {
    const before = now();
    const request = { scope: 'openid project:read', max_age: '900' };
    const { sub, auth_time: at } = claimsOf((await aPersonOf(here).connects('grace@example.com', request)).id_token);
    expect(sub).toBe('u_2');
    expect(Number(at)).toBeGreaterThanOrEqual(before);
    expect(Number(at)).toBeLessThanOrEqual(now());
  });

  it('says in the ID token how they signed in there, where a tool asks for that way', async () => {
    const person = aPersonOf(here);
    const { page, verifier } = await person.begins({ scope: 'openid project:read', acr_values: 'urn:mfa urn:otp' });
    const back = await here.accepts(page, { account: { id: 'u_2' }, amr: ['pwd', 'otp'], acr: 'urn:otp' });
    const { body } = await here.tool.exchange((await person.approves(await person.opens(back))).url, verifier);
    expect(claimsOf(body.id_token)).toMatchObject({ sub: 'u_2', acr: 'urn:otp' });
  });

  it('asks the console at each authorization, and passes at once who is signed in there', async () => {
    const person = aPersonOf(here);
    await person.connects();
    const second = await person.atServer.open(here.tool.authorizationRequest().url.href);
    expect(second.url.origin).toBe(here.consoleOrigin);
    expect((await person.follow(second)).html).toContain('grace@example.com');
  });

  it('never shows or takes a password', async () => {
    const { url, path, ask } = await begunFlow();
    const body = new URLSearchParams({ email: 'grace@example.com', password: 'demo-password' });
    const { status, headers } = await ask('/sign-in', { method: 'POST', body });
    expect([url.origin, status, headers.get('location')]).toEqual([here.consoleOrigin, 303, path]);
  });

  it('chooses the organization in which the person works at the console, and lets them take another', async () => {
    const person = aPersonOf(here);
    const home = await person.signsIn(await person.atConsole.open('/'), 'ada@example.com');
    await person.does(home, '/organization', { organization: 'o_8' });
    const { page } = await person.begins();
    expect(page.html).toContain('Globex');
    const list = await person.atServer.open(`${page.url.pathname}?organization=`);
    expect(list.html).toContain('Choose an organization');
  });
});

describe('what the console is told in the URL', () => {
  it('is the challenge and the languages, and nothing else where nothing else was asked for', async () => {
    const url = await sentTo({ ui_locales: 'ko en' });
    expect(Object.fromEntries(url.searchParams)).toEqual({
      login_challenge: expect.stringMatching(/^[\w-]{43}$/),
      ui_locales: 'ko en',
    });
    expect(url.href).toContain('ui_locales=ko%20en');
  });

  it.each([
    ['prompt', 'login'],
    ['prompt', 'select_account'],
    ['max_age', '600'],
    ['acr_values', 'urn:mfa urn:pwd'],
    ['login_hint', 'grace@example.com'],
    ['organization', 'acme'],
  ])('hands on %s=%s', async (name, value) => {
    expect((await sentTo({ scope: 'openid project:read', [name]: value })).searchParams.get(name)).toBe(value);
  });

  it('comes without a referrer', async () => {
    const { status, headers } = await (await begunFlow()).ask();
    expect([status, headers.get('referrer-policy')]).toEqual([303, 'no-referrer']);
  });

  it('stands in the description of the challenge, with who asks and for what', async () => {
    const asked = { organization: 'acme', max_age: '600', acr_values: 'urn:mfa', ui_locales: 'ko' };
    const url = await sentTo({ scope: 'openid project:read', ...asked });
    const answer = await fetch(`${here.issuer}/oauth/directory/challenges/${challengeOf({ url })}`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      client: { name: 'A tool', verified: false },
      redirect_host: '127.0.0.1:8765',
      resource: here.issuer,
      scopes: ['project:read'],
      ...{ organization: 'acme', max_age: 600, acr_values: ['urn:mfa'], ui_locales: ['ko'] },
      expires_at: expect.any(Number),
    });
  });
});

describe('somebody who is not signed in', () => {
  const comesBackRefused = async () => {
    const person = aPersonOf(here);
    return { person, refused: await person.follow(await person.cancels(await person.reachesConsole())) };
  };

  it('reads what the console says, and the tool is told when they leave', async () => {
    const { person, refused } = await comesBackRefused();
    isRefused(refused, 'You chose not to sign in.');
    expect(refused.url.search).toBe('');
    const { url } = await person.atServer.submit(refused, '/decline');
    expect(url.searchParams.get('error')).toBe('access_denied');
  });

  it('may choose another account from that page, and connects with it', async () => {
    const { person, refused } = await comesBackRefused();
    const again = await person.atServer.open(`${refused.url.pathname}?account=another`);
    expect(again.url.searchParams.get('prompt')).toBe('select_account');
    const consent = await person.comesIn(await person.follow(again), 'grace@example.com');
    expect(consent.html).toContain('grace@example.com');
    expect((await person.approves(consent)).url.searchParams.get('code')).toEqual(expect.any(String));
  });

  it('makes the tool hear access_denied at once where the console says nothing', async () => {
    const person = aPersonOf(here);
    const { url } = await person.atServer.open(await here.rejects(await person.reachesConsole(), {}));
    expect(url.searchParams.get('error')).toBe('access_denied');
  });

  it('cannot go on as an account that the directory does not have', async () => {
    const person = aPersonOf(here);
    const back = await here.accepts(await person.reachesConsole(), { account: { id: 'u_nobody' } });
    isRefused(await person.opens(back), 'This account cannot be used here');
  });
});

it('"Use another account" on the consent page asks at the console, in spite of the session there', async () => {
  const person = aPersonOf(here);
  const consent = await person.comesIn(await person.reachesConsole(), 'grace@example.com');
  const sent = await person.atServer.open(`${consent.url.pathname}?account=another`);
  expect([sent.url.origin, sent.url.searchParams.get('prompt')]).toEqual([here.consoleOrigin, 'select_account']);
  const other = await person.comesIn(await person.follow(sent), 'edsger@example.com');
  expect(other.html).toContain('edsger@example.com');
});

describe('an organization that is missing', () => {
  /** Where the link of the page leads, as a browser reads it. */
  const createLink = ({ html }: LoadedPage) => new URL(/href="([^"]*return_to=[^"]*)"/.exec(html)?.[1] ?? '');
  const reaches = async (email: string) => {
    const person = aPersonOf(here);
    const { page, verifier } = await person.begins();
    return { person, verifier, page: await person.comesIn(page, email) };
  };
  const founds = (person: ReturnType<typeof aPersonOf>, form: LoadedPage, name: string) =>
    person.does(form, '/organizations/new', { name });

  it('is made at the console by whoever has none, who is back in the flow that waits, and connects for it', async () => {
    const { person, verifier, page } = await reaches('barbara@example.com');
    expect(page.html).toContain('You need an organization');
    const link = createLink(page);
    expect([link.origin, link.pathname]).toEqual([here.consoleOrigin, '/organizations/new']);
    const consent = await person.follow(await founds(person, await person.atConsole.open(link.href), 'Venus'));
    expect([consent.url.origin, consent.html]).toEqual([here.origin, expect.stringContaining('Venus')]);
    const { body } = await here.tool.exchange((await person.approves(consent)).url, verifier);
    expect(claimsOf(body.access_token)).toMatchObject({ org_slug: 'venus', org_role: 'owner' });
  });

  it('is in the list of whoever wanted one more, as soon as they are back', async () => {
    const { person, page } = await reaches('ada@example.com');
    expect(page.html).toMatch(/Choose an organization[\s\S]*Create an organization/);
    const form = await person.atConsole.open(createLink(page).href);
    const list = await person.follow(await founds(person, form, 'Analytical Engines'));
    expect(list.html).toMatch(/Choose an organization[\s\S]*Analytical Engines/);
  });

  it('is made after a sign-in where the browser has no session at the console', async () => {
    const stranger = aPersonOf(here);
    const { page } = await reaches('ada@example.com');
    const form = await stranger.signsIn(await stranger.atConsole.open(createLink(page).href), 'edsger@example.com');
    expect(form.html).toContain('Create an organization');
    // The way back belongs to the browser in which the flow is.
    const back = await stranger.follow(await founds(stranger, form, 'Mars'));
    expect([back.url.origin, back.status]).toEqual([here.origin, 400]);
  });

  it.each(['https://attacker.example/', '//attacker.example', 'javascript:alert(1)', 'nonsense', ''])(
    'leads nobody to %j',
    async (elsewhere) => {
      const { person, page } = await reaches('ada@example.com');
      // Ours takes the way back from nobody.
      const asked = `${page.url.href}?organization=&return_to=${encodeURIComponent(elsewhere)}`;
      const link = createLink(await person.atServer.open(asked));
      expect(link.searchParams.getAll('return_to')).toEqual([`${page.url.href}?organization=`]);
      link.searchParams.set('return_to', elsewhere);
      const made = await founds(person, await person.atConsole.open(link.href), 'X');
      expect(made.url.href).toBe(`${here.consoleOrigin}/`);
    },
  );
});

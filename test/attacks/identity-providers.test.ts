import { afterEach, describe, expect, it } from '@jest/globals';
import { secret } from '../identity-providers/company.ts';
import { type Script, startScriptedProvider } from '../identity-providers/scripted-provider.ts';
import { aPersonOf, entryFor, heading, serverWith } from '../identity-providers/signing-in.ts';
import { inAFlow, watchStore } from '../support/attacked.ts';
import type { LoadedPage } from '../support/browser-without-a-screen.ts';
import { cookieHeader } from '../support/cookies.ts';
import { asItWas, plantCookies, sendsOnly } from '../support/planted.ts';
import { shared } from '../support/shared.ts';
import { recordsOf, testStores } from '../support/test-store.ts';

/** What a stranger, or a provider that is not what it should be, tries when somebody signs in there: each by name. RFC 9700 §4.4 among them. */
const store = shared(watchStore);
const honest = shared(() => startScriptedProvider());
const rogue = shared(() => startScriptedProvider());
const here = shared(() =>
  serverWith(() => [entryFor(honest, { id: 'honest' }), entryFor(rogue, { id: 'rogue' })], { env: store.env }),
);
afterEach(() => honest.plays({}));
const account = '/mcp/oauth/account';

type Person = ReturnType<typeof aPersonOf>;

const isSignedIn = ({ html }: LoadedPage) => /Authorize|You need an organization|Choose an organization/.test(html);
const lastRefusal = () => here.logLines.filter(({ event }) => event === 'identity_provider.refused').at(-1);

/** Sent to that provider by its button; not there yet. */
async function sentTo(person: Person, id: 'honest' | 'rogue' = 'honest', asked = {}): Promise<URL> {
  const { page } = await person.begins(asked);
  const { issuer } = { honest, rogue }[id];
  const { url } = await person.atServer.open(`${page.url.pathname}?with=${id}`);
  expect(url.origin).toBe(issuer);
  return url;
}

/** The URL with the code, where the browser has not been yet. */
async function hasCode(person: Person, id: 'honest' | 'rogue' = 'honest', asked = {}): Promise<URL> {
  const there = await sentTo(person, id, asked);
  return (await person.at(there.origin).open(there.href)).url;
}

const comesBack = async (person: Person, back: URL) => person.follow(await person.atServer.open(back.href));
/** Signed in with nobody by it. */
const isRefused = (person: Person, back: URL) => store.changesNothing(() => comesBack(person, back), inAFlow);

function expectRefusal(opened: LoadedPage, check: string) {
  expect([opened.status, isSignedIn(opened), lastRefusal()?.check]).toEqual([403, false, check]);
}

/** The last step of the way back with these cookies, as often as one likes. */
async function lastStepOf(back: URL, cookie: string) {
  const first = await fetch(back, { redirect: 'manual', headers: { cookie } });
  const at = new URL(String(first.headers.get('location')), back);
  return () => fetch(at, { redirect: 'manual', headers: { cookie } });
}

describe('what comes back from a provider', () => {
  it('signs somebody in, when nothing is wrong with it', async () => {
    const person = aPersonOf(here);
    expect(isSignedIn(await comesBack(person, await hasCode(person)))).toBe(true);
  });

  it('mix-up: a code of the honest provider does not come back as one of the rogue (RFC 9700 §4.4)', async () => {
    const person = aPersonOf(here);
    const toRogue = await sentTo(person, 'rogue');
    // The rogue sends the browser on to the honest one, with our state, so that our server brings the code to the rogue.
    const onwards = new URL(`${honest.issuer}/authorize`);
    onwards.search = toRogue.search;
    onwards.searchParams.set('redirect_uri', `${here.issuer}/oauth/identity-providers/honest/callback`);
    const back = (await person.at(honest.issuer).open(onwards.href)).url;
    const before = rogue.calls.length;
    const opened = await isRefused(person, back);
    expect([isSignedIn(opened), lastRefusal()?.check]).toEqual([false, 'provider']);
    expect(rogue.calls.slice(before)).not.toContain('/token');
  });

  it.each<[string, (parameters: URLSearchParams) => void, string]>([
    ['of another issuer', (parameters) => parameters.set('iss', 'https://rogue.example'), 'code: iss'],
    ['of no issuer, where one was promised (RFC 9207 §2.4)', (parameters) => parameters.delete('iss'), 'code: iss'],
    ['with two codes', (parameters) => parameters.append('code', 'another'), 'code: code'],
    ['with two states', (parameters) => parameters.append('state', 'another'), 'code: state'],
    ['without a code', (parameters) => parameters.delete('code'), 'code: code'],
    ['with a token in the URL (implicit)', (parameters) => parameters.set('id_token', 'x'), 'code: response type'],
    [
      'as an encrypted or signed response that nobody asked for',
      (parameters) => parameters.set('response', 'x'),
      'code: response type',
    ],
  ])('%s is refused', async (_name, callback, check) => {
    honest.plays({ callback });
    const person = aPersonOf(here);
    const opened = await isRefused(person, await hasCode(person));
    expectRefusal(opened, check);
    expect(lastRefusal()).toMatchObject({ provider: 'honest' });
    expect(opened.html).toContain(String(lastRefusal()?.reference));
  });
});

describe('login CSRF and injected codes', () => {
  it('a victim who opens the attacker’s way back is not signed in, and it stays the attacker’s', async () => {
    const [mallory, victim] = [aPersonOf(here), aPersonOf(here)];
    const back = await hasCode(mallory);
    await sentTo(victim);
    const opened = await isRefused(victim, back);
    expect([opened.status, isSignedIn(opened)]).toEqual([400, false]);
    expect(isSignedIn(await comesBack(mallory, back))).toBe(true);
  });

  it('with the victim’s own state, the attacker’s code is of another nonce and another verifier', async () => {
    const [mallory, victim] = [aPersonOf(here), aPersonOf(here)];
    const [stolen, own] = [await hasCode(mallory), await hasCode(victim)];
    own.searchParams.set('code', String(stolen.searchParams.get('code')));
    expectRefusal(await isRefused(victim, own), 'code: nonce');
  });

  it('a state carried to another flow, even of one’s own browser, is not of it', async () => {
    const person = aPersonOf(here);
    const back = await hasCode(person);
    const other = await sentTo(person);
    back.searchParams.set('state', String(other.searchParams.get('state')));
    // The newer flow’s cookie and state, and the older one’s code: its nonce is another.
    expectRefusal(await isRefused(person, back), 'code: nonce');
  });

  it('the flow’s cookies without that of the browser do nothing', async () => {
    const person = aPersonOf(here);
    const back = await hasCode(person);
    const { cookies } = person.atServer;
    const without = new Map([...cookies].filter(([key]) => !key.includes('browser')));
    expect(without.size).toBeLessThan(cookies.size);
    const use = await lastStepOf(back, cookieHeader({ cookies: without }));
    const answer = await store.changesNothing(use, inAFlow);
    expect([answer.status, lastRefusal()?.check]).toEqual([403, 'browser']);
  });

  it('signs in once when the way back is used 50 times at once', async () => {
    const person = aPersonOf(here);
    const use = await lastStepOf(await hasCode(person), cookieHeader(person.atServer));
    const redeemed = () => honest.calls.filter((path) => path === '/token').length;
    const before = redeemed();
    const uses = await Promise.all(Array.from({ length: 50 }, use));
    expect([uses.filter(({ status }) => status === 303).length, redeemed() - before]).toEqual([1, 1]);
  });
});

describe('session fixation', () => {
  const reaches = {
    'in a flow': (victim: Person) => hasCode(victim),
    'at the account': async (victim: Person) => {
      const there = (await victim.atServer.open(`${account}/sign-in?with=honest`)).url;
      return (await victim.at(there.origin).open(there.href)).url;
    },
  };
  it.each(Object.entries(reaches))(
    'a session that was planted is nobody’s as soon as its victim comes back, %s',
    async (_name, reaches) => {
      const [mallory, victim] = [aPersonOf(here), aPersonOf(here)];
      await comesBack(mallory, await hasCode(mallory, 'rogue'));
      expect((await mallory.atServer.open(account)).url.pathname).toBe(account);
      plantCookies(mallory.atServer, victim.atServer);
      const back = await reaches(victim);
      const planted = asItWas(here.origin, victim.atServer);
      const first = await sendsOnly(victim.atServer, back);
      const answer = await sendsOnly(victim.atServer, new URL(String(first.headers.get('location')), back));

      expect(answer.status).toBe(303);
      for (const attacker of [mallory.atServer, planted])
        expect((await attacker.open(account)).url.pathname).toBe(`${account}/sign-in`);
      expect(isSignedIn(await planted.open(String(answer.headers.get('location'))))).toBe(false);
    },
  );
});

describe('a stranger who comes back with codes that they made up', () => {
  it('leaves no more in the store than there are places for what is begun', async () => {
    const places = 5;
    await using kept = await testStores.SQLite();
    const changes = { limits: { unfinishedSignIns: places } };
    await using bounded = await serverWith(() => [entryFor(honest, { id: 'honest' })], { changes, env: kept.env });
    for (let time = 0; time < 2 * places; time += 1) {
      const { atServer } = aPersonOf(bounded);
      const { searchParams } = (await atServer.open(`${account}/sign-in?with=honest`)).url;
      const answer = { state: String(searchParams.get('state')), code: 'made up', iss: honest.issuer };
      const back = `${searchParams.get('redirect_uri')}?${new URLSearchParams(answer)}`;
      expect((await atServer.open(back)).status).toBe(403);
    }
    expect(await recordsOf(kept, 'used-sign-in')).toHaveLength(places);
  });
});

describe('an ID token', () => {
  const hour = 3600;
  const withIdToken = { scope: 'openid project:read' };
  const says = (claims: object): Script => ({ idToken: (honestly) => ({ ...honestly, ...claims }) });
  const now = () => Math.floor(Date.now() / 1000);
  const anotherPerson = { sub: 's-2', email: 'grace@scripted.example', email_verified: true };
  const ours = ['mcp-auth', 'another'];

  it.each<[string, Script, string]>([
    ['of another client', says({ aud: 'another' }), 'code: aud'],
    [
      'of several clients, ours among them, and issued to another (azp)',
      says({ aud: ours, azp: 'another' }),
      'code: azp',
    ],
    ['of another issuer', says({ iss: 'https://rogue.example' }), 'code: iss'],
    ['with another nonce', says({ nonce: 'of-yesterday' }), 'code: nonce'],
    ['without a nonce', says({ nonce: undefined }), 'code: nonce'],
    ['that has expired', says({ exp: now() + 300 - hour }), 'code: exp'],
    ['without a subject', says({ sub: undefined }), 'code: sub'],
    ['of a key that is not the provider’s', { sign: (claims) => rogue.sign(claims) }, 'code: signature'],
    ['without a signature', { sign: (claims) => honest.unsigned(claims) }, 'code: alg'],
    ['signed with the public key as a secret', { sign: (claims) => honest.signByPublicKey(claims) }, 'code: alg'],
    ['of a sign-in that is still to come', says({ auth_time: now() + hour }), 'auth_time'],
    [
      'whose email is in the userinfo of another person',
      { ...says({ email: undefined }), userinfo: anotherPerson },
      'userinfo: sub',
    ],
  ])('%s is refused, in words, and with the check in the log', async (_name, script, check) => {
    honest.plays(script);
    const person = aPersonOf(here);
    const opened = await isRefused(person, await hasCode(person));
    expectRefusal(opened, check);
    expect(heading(opened)).toBe(`${new URL(honest.issuer).host} did not sign you in`);
    // Nothing is used up: the same flow goes on once it is right.
    honest.plays({});
    const again = await person.presses(opened, 'Try again');
    expect(isSignedIn(await person.follow(again))).toBe(true);
  });

  it.each([
    ['says no time', undefined, 'This way of signing in is not enough'],
    ['says 0, as who does not know it', 0, 'This way of signing in is not enough'],
    ['says a time of yesterday', now() - 24 * hour, 'You have to sign in again'],
  ])(
    'that %s satisfies neither prompt=login nor max_age, and signs in where neither is asked',
    async (_name, auth_time, words) => {
      honest.plays(says({ auth_time }));
      for (const asked of [{ prompt: 'login' }, { max_age: '60' }]) {
        const person = aPersonOf(here);
        const opened = await isRefused(person, await hasCode(person, 'honest', { ...withIdToken, ...asked }));
        expect([heading(opened), lastRefusal()?.check]).toEqual([words, 'auth_time']);
      }
      const other = aPersonOf(here);
      expect(isSignedIn(await comesBack(other, await hasCode(other)))).toBe(true);
      // Nor does the session that began so, however young it is here.
      const { page } = await other.begins({ ...withIdToken, max_age: '60' });
      expect(heading(await other.follow(await other.atServer.open(`${page.url.pathname}?with=honest`)))).toBe(words);
    },
  );

  it('is not taken from the log: neither it, nor a code or a state, is written anywhere', async () => {
    const text = JSON.stringify(here.logLines);
    expect(text).not.toMatch(/eyJ|code-\d|access-code/);
    const escaped = encodeURIComponent(secret).replaceAll('%20', '+');
    for (const each of [secret, escaped, btoa(`mcp-auth:${secret}`), btoa(`mcp-auth:${escaped}`)])
      expect(text).not.toContain(each);
    for (const { searchParams } of honest.asked.slice(0, 3)) expect(text).not.toContain(searchParams.get('state'));
  });
});

describe('an address of ours as an open redirector', () => {
  it.each([
    ['no state', ''],
    ['a state of nobody', '?state=made-up&code=x'],
    ['a state that is a URL', '?state=https%3A%2F%2Fevil.example&code=x'],
    ['somewhere to go', '?state=x&redirect_uri=https%3A%2F%2Fevil.example&at=https%3A%2F%2Fevil.example'],
  ])('leads nobody away with %s', async (_name, query) => {
    for (const [place, expected] of [
      ['callback', 400],
      ['signed-out', 200],
    ]) {
      const address = `${here.issuer}/oauth/identity-providers/honest/${place}${query}`;
      const { status, headers } = await fetch(address, { redirect: 'manual' });
      expect([headers.get('location'), status]).toEqual([null, expected]);
    }
  });

  it('says in the address of the provider neither the flow nor who it is', async () => {
    const { begins, atServer } = aPersonOf(here);
    const { pathname } = (await begins()).page.url;
    const there = await atServer.open(`${pathname}?with=honest`);
    expect(there.url.href).not.toContain(String(pathname.split('/').at(-1)));
  });
});

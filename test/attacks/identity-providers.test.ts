import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { secret } from '../identity-providers/company.ts';
import { type Script, type ScriptedProvider, startScriptedProvider } from '../identity-providers/scripted-provider.ts';
import { aPersonOf, entryFor, type Here, heading, serverWith } from '../identity-providers/signing-in.ts';
import { inAFlow, type Watched, watchStore } from '../support/attacked.ts';
import type { Rest } from '../support/browser-without-a-screen.ts';
import { asItWas, plantCookies, sendsOnly } from '../support/planted.ts';
import { recordsOf, testStores } from '../support/test-store.ts';

/** What a stranger, or a provider that is not what it should be, tries when somebody signs in there: each by name. RFC 9700 §4.4 among them. */
let store: Watched;
let honest: ScriptedProvider;
let rogue: ScriptedProvider;
let here: Here;
beforeAll(async () => {
  [honest, rogue] = await Promise.all([startScriptedProvider(), startScriptedProvider()]);
  store = await watchStore();
  const providers = () => [entryFor(honest, { id: 'honest' }), entryFor(rogue, { id: 'rogue' })];
  here = await serverWith(providers, { env: store.env });
});
afterEach(() => honest.plays({}));
afterAll(async () => {
  await Promise.all([here.close(), honest.close(), rogue.close()]);
  await store.close();
});

type Person = ReturnType<typeof aPersonOf>;

const isSignedIn = ({ html }: Rest) => /Authorize|You need an organization|Choose an organization/.test(html);
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
/** And is signed in with nobody by it. */
const isRefused = (person: Person, back: URL) => store.changesNothing(() => comesBack(person, back), inAFlow);

const cookieOf = (person: Person) =>
  [...person.atServer.cookies].map(([key, { value }]) => `${key.split(' ')[0]}=${value}`).join('; ');

describe('what comes back from a provider', () => {
  it('signs somebody in, when nothing is wrong with it', async () => {
    const person = aPersonOf(here);
    expect(isSignedIn(await person.follow(await person.atServer.open((await hasCode(person)).href)))).toBe(true);
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
    expect([opened.status, isSignedIn(opened)]).toEqual([403, false]);
    expect(lastRefusal()).toMatchObject({ provider: 'honest', check });
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
    expect(isSignedIn(await mallory.follow(await mallory.atServer.open(back.href)))).toBe(true);
  });

  it('with the victim’s own state, the attacker’s code is of another nonce and another verifier', async () => {
    const [mallory, victim] = [aPersonOf(here), aPersonOf(here)];
    const [stolen, own] = [await hasCode(mallory), await hasCode(victim)];
    own.searchParams.set('code', String(stolen.searchParams.get('code')));
    const opened = await isRefused(victim, own);
    expect([opened.status, isSignedIn(opened), lastRefusal()?.check]).toEqual([403, false, 'code: nonce']);
  });

  it('a state carried to another flow, even of one’s own browser, is not of it', async () => {
    const person = aPersonOf(here);
    const back = await hasCode(person);
    const other = await sentTo(person);
    back.searchParams.set('state', String(other.searchParams.get('state')));
    const opened = await isRefused(person, back);
    // The newer flow’s cookie and state, and the older one’s code: its nonce is another.
    expect([isSignedIn(opened), lastRefusal()?.check]).toEqual([false, 'code: nonce']);
  });

  it('the flow’s cookies without that of the browser do nothing', async () => {
    const person = aPersonOf(here);
    const back = await hasCode(person);
    const without = cookieOf(person)
      .split('; ')
      .filter((pair) => !/browser/.test(pair))
      .join('; ');
    expect(without).not.toBe(cookieOf(person));
    const first = await fetch(back, { redirect: 'manual', headers: { cookie: without } });
    const at = new URL(String(first.headers.get('location')), back);
    const use = () => fetch(at, { redirect: 'manual', headers: { cookie: without } });
    const answer = await store.changesNothing(use, inAFlow);
    expect([answer.status, lastRefusal()?.check]).toEqual([403, 'browser']);
  });

  it('signs in once when the way back is used 50 times at once', async () => {
    const person = aPersonOf(here);
    const back = await hasCode(person);
    const first = await fetch(back, { redirect: 'manual', headers: { cookie: cookieOf(person) } });
    const at = new URL(String(first.headers.get('location')), back);
    const before = honest.calls.filter((path) => path === '/token').length;
    const use = () => fetch(at, { redirect: 'manual', headers: { cookie: cookieOf(person) } });
    const uses = await Promise.all(Array.from({ length: 50 }, use));
    expect(uses.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(honest.calls.filter((path) => path === '/token')).toHaveLength(before + 1);
  });
});

describe('session fixation', () => {
  const reaches = {
    'in a flow': (victim: Person) => hasCode(victim),
    'at the account': async (victim: Person) => {
      const there = (await victim.atServer.open('/mcp/oauth/account/sign-in?with=honest')).url;
      return (await victim.at(there.origin).open(there.href)).url;
    },
  };
  it.each(Object.entries(reaches))(
    'a session that was planted is nobody’s as soon as its victim comes back, %s',
    async (_name, reaches) => {
      const [mallory, victim] = [aPersonOf(here), aPersonOf(here)];
      await mallory.follow(await mallory.atServer.open((await hasCode(mallory, 'rogue')).href));
      expect((await mallory.atServer.open('/mcp/oauth/account')).url.pathname).toBe('/mcp/oauth/account');
      plantCookies(mallory.atServer, victim.atServer);
      const back = await reaches(victim);
      const planted = asItWas(here.origin, victim.atServer);
      const first = await sendsOnly(victim.atServer, back);
      const answer = await sendsOnly(victim.atServer, new URL(String(first.headers.get('location')), back));

      expect(answer.status).toBe(303);
      for (const attacker of [mallory.atServer, planted])
        expect((await attacker.open('/mcp/oauth/account')).url.pathname).toBe('/mcp/oauth/account/sign-in');
      const goesOn = await planted.open(String(answer.headers.get('location')));
      expect(isSignedIn(goesOn)).toBe(false);
    },
  );
});

describe('a stranger who comes back with codes that they made up', () => {
  it('leaves no more in the store than there are places for what is begun', async () => {
    const places = 5;
    await using kept = await testStores.SQLite();
    const changes = { limits: { unfinishedSignIns: places } };
    const bounded = await serverWith(() => [entryFor(honest, { id: 'honest' })], { changes, env: kept.env });
    for (let time = 0; time < 2 * places; time += 1) {
      const { atServer } = aPersonOf(bounded);
      const { url } = await atServer.open('/mcp/oauth/account/sign-in?with=honest');
      const back = new URL(String(url.searchParams.get('redirect_uri')));
      back.search = `${new URLSearchParams({ state: String(url.searchParams.get('state')), code: 'made up', iss: honest.issuer })}`;
      expect((await atServer.open(back.href)).status).toBe(403);
    }
    expect(await recordsOf(kept, 'used-sign-in')).toHaveLength(places);
    await bounded.close();
  });
});

describe('an ID token', () => {
  const hour = 3600;
  it.each<[string, Script, string]>([
    ['of another client', { idToken: (claims) => ({ ...claims, aud: 'another' }) }, 'code: aud'],
    [
      'of several clients, ours among them, and issued to another (azp)',
      { idToken: (claims) => ({ ...claims, aud: ['mcp-auth', 'another'], azp: 'another' }) },
      'code: azp',
    ],
    ['of another issuer', { idToken: (claims) => ({ ...claims, iss: 'https://rogue.example' }) }, 'code: iss'],
    ['with another nonce', { idToken: (claims) => ({ ...claims, nonce: 'of-yesterday' }) }, 'code: nonce'],
    ['without a nonce', { idToken: ({ nonce: _nonce, ...claims }) => claims }, 'code: nonce'],
    ['that has expired', { idToken: (claims) => ({ ...claims, exp: Number(claims.exp) - hour }) }, 'code: exp'],
    ['without a subject', { idToken: ({ sub: _sub, ...claims }) => claims }, 'code: sub'],
    ['of a key that is not the provider’s', { sign: (claims) => rogue.sign(claims) }, 'code: signature'],
    ['without a signature', { sign: (claims) => honest.unsigned(claims) }, 'code: alg'],
    ['signed with the public key as a secret', { sign: (claims) => honest.signByPublicKey(claims) }, 'code: alg'],
    [
      'of a sign-in that is still to come',
      { idToken: (claims) => ({ ...claims, auth_time: Number(claims.iat) + hour }) },
      'auth_time',
    ],
    [
      'whose email is in the userinfo of another person',
      {
        idToken: ({ email: _email, ...claims }) => claims,
        userinfo: { sub: 's-2', email: 'grace@scripted.example', email_verified: true },
      },
      'userinfo: sub',
    ],
  ])('%s is refused, in words, and with the check in the log', async (_name, script, check) => {
    honest.plays(script);
    const person = aPersonOf(here);
    const opened = await isRefused(person, await hasCode(person));
    expect([opened.status, isSignedIn(opened), lastRefusal()?.check]).toEqual([403, false, check]);
    expect(heading(opened)).toBe(`${new URL(honest.issuer).host} did not sign you in`);
    // Nothing is used up: the same flow goes on once it is right.
    honest.plays({});
    const again = await person.presses(opened, 'Try again');
    expect(isSignedIn(await person.follow(again))).toBe(true);
  });

  it.each<[string, (iat: number) => number | undefined, string]>([
    ['says no time', () => undefined, 'This way of signing in is not enough'],
    ['says 0, as who does not know it', () => 0, 'This way of signing in is not enough'],
    ['says a time of yesterday', (iat) => iat - 24 * hour, 'You have to sign in again'],
  ])(
    'that %s satisfies neither prompt=login nor max_age, and signs in where neither is asked',
    async (_name, at, words) => {
      honest.plays({
        idToken: ({ auth_time: _time, ...claims }) => ({ ...claims, auth_time: at(Number(claims.iat)) }),
      });
      for (const asked of [{ prompt: 'login' }, { max_age: '60' }]) {
        const person = aPersonOf(here);
        const back = await hasCode(person, 'honest', { scope: 'openid project:read', ...asked });
        const opened = await isRefused(person, back);
        expect([heading(opened), lastRefusal()?.check]).toEqual([words, 'auth_time']);
      }
      const other = aPersonOf(here);
      expect(isSignedIn(await other.follow(await other.atServer.open((await hasCode(other)).href)))).toBe(true);
      // Nor does the session that began so, however young it is here.
      const { page } = await other.begins({ scope: 'openid project:read', max_age: '60' });
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
    for (const place of ['callback', 'signed-out']) {
      const answer = await fetch(`${here.issuer}/oauth/identity-providers/honest/${place}${query}`, {
        redirect: 'manual',
      });
      expect([answer.headers.get('location'), answer.status]).toEqual([null, place === 'callback' ? 400 : 200]);
    }
  });

  it('says in the address of the provider neither the flow nor who it is', async () => {
    const person = aPersonOf(here);
    const { page } = await person.begins();
    const there = await person.atServer.open(`${page.url.pathname}?with=honest`);
    const uid = String(page.url.pathname.split('/').at(-1));
    expect(there.url.href).not.toContain(uid);
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { openStore, type Store, StoreUnavailable } from '../../src/storage/index.ts';
import { createPerson, type Person } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

/** Of what is written and not waited for: whoever is answered can rely on it all the same. */
describe('a request of which something is not kept', () => {
  /** What the store refuses to write, by what its name begins with. */
  let refused: string | undefined;
  let notRemoved: string | undefined;
  const store = shared(() => openStore({ kind: 'sqlite', file: ':memory:' }, () => undefined));
  const server = shared(() => startServer({ parts: { store: refusing(store) } }));

  function refusing(store: Store): Store {
    const refuse = ([name]: readonly string[], which = refused) => {
      if (which && name?.startsWith(which)) throw new StoreUnavailable(new Error('refused by the test'));
    };
    const write: Store['write'] = async (name, ...given) => {
      refuse([name]);
      return store.write(name, ...given);
    };
    const discard: Store['discard'] = async (names) => {
      refuse(names);
      refuse(names, notRemoved);
      return store.discard(names);
    };
    const verbs: Partial<Store> = { write, discard };
    return new Proxy(store, {
      get: (target, verb) => Reflect.get(verbs, verb) ?? Reflect.get(target, verb).bind(target),
    });
  }

  let person: Person;
  let atSignIn: Awaited<ReturnType<Person['browser']['open']>>;
  beforeEach(async () => {
    refused = undefined;
    notRemoved = undefined;
    person = createPerson(server.origin);
    const client = await registerClient(server.issuer);
    atSignIn = await person.browser.open(client.authorizationRequest().url.href);
  });
  async function signIn() {
    const fields = { email: 'demo@example.com', password: 'demo-password' };
    const rest = await person.browser.submit(atSignIn, '/sign-in', fields);
    return rest.status === 200 ? person.browser.open(`${rest.url.href}?organization=acme`) : rest;
  }
  const approve = async (page: typeof atSignIn) => person.browser.submit(page, '/consent');

  it.each(['interaction:', 'session:', 'session-uid:'])(
    'shows a page that says so when %s is not, and is done when its form is sent again',
    async (name) => {
      refused = name;
      const answer = await signIn();
      expect(answer.status).toBe(503);
      expect(answer.headers.get('location')).toBeNull();
      refused = undefined;
      expect((await approve(await signIn())).url.searchParams.get('code')).toEqual(expect.any(String));
    },
  );

  it.each(['authorization-code:', 'session:', 'receipt:'])(
    'shows no code when %s is not kept, nor leads to the tool',
    async (name) => {
      const consent = await signIn();
      refused = name;
      const answer = await approve(consent);
      expect(answer).toMatchObject({ status: 503, url: { origin: server.origin } });
      expect(answer.html).not.toContain('code=');
      expect(answer.headers.get('location')).toBeNull();
    },
  );

  it.each(['authorization-code:', 'session:', 'receipt:'])(
    'has not used up the flow when %s is not kept: it can be approved again',
    async (name) => {
      const consent = await signIn();
      refused = name;
      const first = await approve(consent);
      refused = undefined;
      const again = await person.browser.open(`${first.url.href}?organization=acme`);
      expect(again).toMatchObject({ status: 200, html: expect.not.stringContaining('code=') });
      expect((await approve(consent)).url.searchParams.get('code')).toEqual(expect.any(String));
    },
  );

  it.each(['authorization-code:', 'session:', 'receipt:'])(
    'gives nobody who presses twice what comes of a form of which %s is not kept',
    async (name) => {
      const consent = await signIn();
      refused = name;
      const shown = await person.browser.submitTwice(consent, '/consent', {}, 'at once');
      expect(shown).toMatchObject({ status: 503, url: { origin: server.origin } });
      const told = await person.browser.open(`${shown.url.href.replace(/\/consent$/, '')}?answered`);
      // What is kept was approved all the same.
      expect([server.origin, ...(name === 'session:' ? ['http://127.0.0.1:8765'] : [])]).toContain(told.url.origin);
      refused = undefined;
      expect((await approve(consent)).url.searchParams.get('code')).toEqual(expect.any(String));
    },
  );

  it.each([
    ['a step that is signed in to again', 'interaction:', { prompt: 'login' }],
    ['a session that is begun again', 'session:', { prompt: 'login' }],
  ])('leaves who was signed in as they were: %s', async (_name, name, request) => {
    await approve(await signIn());
    const client = await registerClient(server.issuer);
    atSignIn = await person.browser.open(client.authorizationRequest(request).url.href);
    refused = name;
    expect((await signIn()).status).toBe(503);
    refused = undefined;
    expect((await person.browser.open(`${server.issuer}/oauth/account`)).html).toContain('Your connections');
    expect((await approve(await signIn())).url.searchParams.get('code')).toEqual(expect.any(String));
  });

  it.each(['interaction:', 'session:'])(
    'keeps what is new when %s cannot be removed: the code is there',
    async (name) => {
      const consent = await signIn();
      notRemoved = name;
      expect((await approve(consent)).status).toBe(503);
      notRemoved = undefined;
      expect((await person.browser.open(`${server.issuer}/oauth/account`)).html).toContain('Your connections');
      expect((await approve(consent)).url.searchParams.get('code')).toEqual(expect.any(String));
    },
  );

  it('signs nobody out, and tells the log of none, when the session is there still', async () => {
    await approve(await signIn());
    const asking = await person.browser.open(`${server.issuer}/oauth/sign-out`);
    refused = 'session:';
    const told = server.logLines.length;
    const answer = await person.browser.submit(asking, '/confirm', { logout: 'yes' });
    expect(answer.status).toBe(503);
    expect(server.logLines.slice(told).map(({ event }) => event)).not.toContain('sign_out');
  });

  it.each(['client:', 'registration-access-token:'])('registers nobody when %s is not kept', async (name) => {
    refused = name;
    const body = JSON.stringify({ redirect_uris: ['http://127.0.0.1/callback'] });
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(`${server.issuer}/oauth/register`, { method: 'POST', headers, body });
    expect({ status: answer.status, body: await answer.json() }).toEqual({
      status: 503,
      body: expect.objectContaining({ error: 'temporarily_unavailable' }),
    });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

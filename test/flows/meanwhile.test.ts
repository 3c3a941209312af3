import { beforeEach, describe, expect, it } from '@jest/globals';
import { openStore, type Store, StoreUnavailable } from '../../src/storage/index.ts';
import { heading, type LoadedPage, type PlainBrowser } from '../support/browser-without-a-screen.ts';
import { accountsOf, createMember } from '../support/member.ts';
import { asItWas } from '../support/planted.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { createVisitor, password } from '../support/visitor.ts';

type Member = Awaited<ReturnType<typeof createMember>>;

/** A form takes its time; what the person does meanwhile, in another tab, counts. */
describe('while a form of the flow is answered', () => {
  /** Waited for before the store is asked to do that. */
  let before: (verb: string, first: string, names: readonly string[]) => Promise<unknown> | undefined = () => undefined;
  const store = shared(() => openStore({ kind: 'sqlite', file: ':memory:' }, () => undefined));
  const server = shared(() => startServer({ parts: { store: waiting(store) } }));
  const visitor = shared(() => createVisitor(server));
  beforeEach(() => {
    before = () => undefined;
  });

  function waiting(target: Store): Store {
    return new Proxy(target, {
      get(_, verb) {
        const does = Reflect.get(target, verb);
        if (typeof does !== 'function') return does;
        return async (...given: readonly unknown[]) => {
          const names = [given[0]].flat().map(String);
          await before(String(verb), names[0] ?? '', names);
          return does.apply(target, given);
        };
      },
    });
  }

  const account = '/mcp/oauth/account';
  const opensAccount = async (browser: PlainBrowser) => heading(await browser.open(account));
  const signsOut = async (browser: PlainBrowser) =>
    browser.submit(await browser.open(`${account}/sign-out`), '/sign-out');
  const changesPassword = (id: string) => accountsOf(server).changePassword(id, 'another long password');
  const outcome = ({ url }: LoadedPage) => url.searchParams.get('code') ?? url.searchParams.get('error') ?? 'none';

  it.each([
    ['signs out', 400, 'This sign-in has ended', (browser: PlainBrowser) => signsOut(browser)],
    ['gets another password', 200, 'Sign in', (_browser: PlainBrowser, { id }: Member) => changesPassword(id)],
    ['is disabled', 200, 'Sign in', (_browser: PlainBrowser, { isDisabled }: Member) => isDisabled()],
  ])('whoever %s approves nothing, and is signed out', async (what, status, headline, ends) => {
    const member = await createMember(server, `who ${what}`, { password });
    const { browser, page } = await visitor.reachesConsent({ email: member.credentials.email });
    const other = asItWas(server.origin, browser);
    let ended: Promise<unknown> | undefined;
    before = (verb, asked) => {
      if (ended || !verb.startsWith('write') || !asked.startsWith('connection:')) return undefined;
      ended = ends(other, member);
      return ended;
    };
    const answer = await browser.submit(page, '/consent');
    expect(ended).toBeDefined();
    expect([answer.status, heading(answer), outcome(answer)]).toEqual([status, headline, 'none']);
    expect(await opensAccount(browser)).toBe('Sign in');
  });

  it.each(['account:', 'organization:'])(
    'a node of the store that has %s and is away keeps nobody from saying no',
    async (kind) => {
      const { browser, page } = await visitor.reachesConsent();
      before = (_verb, _first, names) => {
        if (names.some((name) => name.startsWith(kind))) throw new StoreUnavailable(new Error('a node is away'));
        return undefined;
      };
      const answer = await browser.submit(page, '/decline');
      expect(outcome(answer)).toBe('access_denied');
    },
  );

  it('a flow that has gone on from another tab does not go on again, however long the first one took', async () => {
    const { browser, page } = await visitor.reachesConsent();
    const second = await browser.open(page.url.href);
    const wakes = Promise.withResolvers<void>();
    let isHeld = false;
    before = (verb, asked) => {
      if (isHeld || !verb.startsWith('write') || !asked.startsWith('connection:')) return undefined;
      isHeld = true;
      return wakes.promise;
    };
    const first = browser.submit(page, '/consent');
    while (!isHeld) await new Promise(setImmediate);
    // It waits for the first one as long as that may take.
    const answered = outcome(await browser.submit(second, '/decline'));
    wakes.resolve();
    expect([answered, outcome(await first)]).toEqual(['access_denied', 'access_denied']);
  });

  it.each([
    ['as it is', () => undefined],
    [
      'without the cookie of the address at which it goes on',
      (cookies: Map<string, unknown>) => {
        for (const name of [...cookies.keys()].filter((each) => each.includes('_resume_'))) cookies.delete(name);
      },
    ],
  ])('a store that fails when a step is decided lets it go on from there: %s', async (_name, changes) => {
    const { browser, page } = await visitor.reachesConsent();
    let looks = 0;
    before = (verb, asked) => {
      // Once for the page, and once more where it goes on.
      if (verb !== 'readMany' || !asked.startsWith('interaction:') || ++looks < 2) return undefined;
      throw new StoreUnavailable(new Error('away for a moment'));
    };
    const failed = await browser.submit(page, '/consent');
    expect(failed.status).toBe(503);
    before = () => undefined;
    changes(browser.cookies as Map<string, unknown>);
    expect(outcome(await browser.open(page.url.href))).toMatch(/^[\w-]+\.[\w-]+$/);
  });

  it.each([
    ['approves in both of two tabs', '/consent', '/consent', {}],
    ['approves less in the other tab', '/consent', '/consent', { scope: ['project:read'] }],
    ['approves in one and declines in the other', '/consent', '/decline', {}],
    ['declines in one and approves in the other', '/decline', '/consent', {}],
  ])('whoever %s gets one answer for the tool', async (_name, one, other, fields) => {
    for (let round = 0; round < 8; round++) {
      const { browser, page } = await visitor.reachesConsent();
      const second = await browser.open(page.url.href);
      before = () => new Promise((resolve) => setTimeout(resolve, 2));
      const answers = await Promise.all([browser.submit(page, one), browser.submit(second, other, fields)]);
      before = () => undefined;
      const [first, ...rest] = answers.map(outcome);
      expect(rest).toEqual([first]);
      expect(first).not.toBe('none');
    }
  });
});

import { describe, expect, it } from '@jest/globals';
import type { Rest } from '../support/browser-without-a-screen.ts';
import { shared } from '../support/shared.ts';
import { aPersonOf, theHandOff } from './hand-off.ts';

const here = shared(theHandOff);

const account = '/mcp/oauth/account';

describe('the pages of the account, where accounts are in a console', () => {
  it('sign in there, and come back to the page that was asked for', async () => {
    const person = aPersonOf(here);
    await person.connects('grace@example.com');
    const other = aPersonOf(here);
    const sent = await other.atServer.open(account);
    expect(sent.url.origin).toBe(here.consoleOrigin);
    const page = await other.follow(await other.signsIn(await other.follow(sent), 'grace@example.com'));
    expect([page.status, page.url.pathname, page.url.search]).toEqual([200, account, '']);
    expect(page.html).toContain('A tool');
  });

  it('tell somebody whom the console does not sign in why', async () => {
    const person = aPersonOf(here);
    const page = await person.follow(await person.cancels(await person.follow(await person.atServer.open(account))));
    expect([page.status, page.html]).toEqual([403, expect.stringContaining('You chose not to sign in.')]);
  });

  it('take no password', async () => {
    const posted = await fetch(`${here.origin}${account}/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'email=grace%40example.com&password=demo-password',
    });
    expect([posted.status, posted.headers.get('location')]).toEqual([
      303,
      expect.stringContaining(`${account}/sign-in`),
    ]);
  });

  it('sign nobody in by the ticket of another browser', async () => {
    const [mallory, victim] = [aPersonOf(here), aPersonOf(here)];
    const back = await mallory.signsIn(
      await mallory.follow(await mallory.atServer.open(account)),
      'edsger@example.com',
    );
    await victim.follow(await victim.atServer.open(account));
    expect((await victim.atServer.open(back.url.href)).status).toBe(403);
    expect((await victim.atServer.open(account)).url.origin).toBe(here.consoleOrigin);
    expect((await mallory.follow(await mallory.atServer.open(back.url.href))).url.pathname).toBe(account);
  });
});

describe('signing out here', () => {
  const signsOut: [string, (person: ReturnType<typeof aPersonOf>) => Promise<Rest>][] = [
    [
      'at the account',
      async ({ atServer }) => atServer.submit(await atServer.open(`${account}/sign-out`), '/sign-out'),
    ],
    [
      'from all browsers',
      async ({ atServer }) =>
        atServer.submit(await atServer.open(`${account}/sign-out/everywhere`), '/sign-out/everywhere'),
    ],
    [
      'where a tool sends people to (RP-Initiated Logout)',
      async ({ atServer }) =>
        atServer.submit(await atServer.open('/mcp/oauth/sign-out'), '/sign-out/confirm', { logout: 'yes' }),
    ],
  ];

  it.each(signsOut)(
    'leads on to the console, %s, and who signs out there is asked for the password again',
    async (_name, out) => {
      const person = aPersonOf(here);
      await person.connects('grace@example.com');
      await person.follow(await person.atServer.open(account));
      const there = await person.follow(await out(person));
      expect([there.url.href, there.html]).toEqual([
        `${here.consoleOrigin}/sign-out`,
        expect.stringContaining('Sign out of the console?'),
      ]);
      await person.does(there, '/sign-out');
      expect((await person.follow(await person.atServer.open(account))).html).toContain('type="password"');
    },
  );

  it('ends here where the console has no such page', async () => {
    await using stack = new AsyncDisposableStack();
    const other = await theHandOff({ directory: { signOut: undefined } });
    stack.defer(() => other.close());
    const person = aPersonOf(other);
    await person.connects('grace@example.com');
    await person.follow(await person.atServer.open(account));
    for (const [, out] of signsOut.slice(0, 1)) expect((await out(person)).html).toContain('Signed out');
  });
});

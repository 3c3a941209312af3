import { describe, expect, it } from '@jest/globals';
import { shared } from '../support/shared.ts';
import { account, aPersonOf, theHandOff } from './hand-off.ts';

const here = shared(theHandOff);

type Person = ReturnType<typeof aPersonOf>;

/** Somebody who has connected a tool, and is signed in for the account here as well. */
async function somebodySignedIn(at = here): Promise<Person> {
  const person = aPersonOf(at);
  await person.connects('grace@example.com');
  await person.opens(account);
  return person;
}

describe('the pages of the account, where accounts are in a console', () => {
  it('sign in there, and come back to the page that was asked for', async () => {
    await aPersonOf(here).connects('grace@example.com');
    const other = aPersonOf(here);
    const sent = await other.atServer.open(account);
    expect(sent.url.origin).toBe(here.consoleOrigin);
    const { status, url, html } = await other.comesIn(await other.follow(sent), 'grace@example.com');
    expect([status, url.pathname, url.search, html]).toEqual([200, account, '', expect.stringContaining('A tool')]);
  });

  it('tell somebody whom the console does not sign in why', async () => {
    const person = aPersonOf(here);
    const page = await person.follow(await person.cancels(await person.opens(account)));
    expect([page.status, page.html]).toEqual([403, expect.stringContaining('You chose not to sign in.')]);
  });

  it('take no password', async () => {
    const body = new URLSearchParams({ email: 'grace@example.com', password: 'demo-password' });
    const posted = await fetch(`${here.origin}${account}/sign-in`, { method: 'POST', redirect: 'manual', body });
    const signIn = expect.stringContaining(`${account}/sign-in`);
    expect([posted.status, posted.headers.get('location')]).toEqual([303, signIn]);
  });

  it('sign nobody in by the ticket of another browser', async () => {
    const [mallory, victim] = [aPersonOf(here), aPersonOf(here)];
    const { href } = (await mallory.signsIn(await mallory.opens(account), 'edsger@example.com')).url;
    await victim.opens(account);
    expect((await victim.atServer.open(href)).status).toBe(403);
    expect((await victim.atServer.open(account)).url.origin).toBe(here.consoleOrigin);
    expect((await mallory.opens(href)).url.pathname).toBe(account);
  });
});

describe('signing out here', () => {
  const signsOut = async ({ atServer }: Person, page: string, form: string, fields = {}) =>
    atServer.submit(await atServer.open(page), form, fields);

  const ways = [
    ['at the account', `${account}/sign-out`, '/sign-out', {}],
    ['from all browsers', `${account}/sign-out/everywhere`, '/sign-out/everywhere', {}],
    ['where a tool sends people to (RP-Initiated Logout)', '/mcp/oauth/sign-out', '/confirm', { logout: 'yes' }],
  ] as const;

  it.each(ways)(
    'leads on to the console, %s, and who signs out there is asked for the password again',
    async (_name, page, form, fields) => {
      const person = await somebodySignedIn();
      const there = await person.follow(await signsOut(person, page, form, fields));
      const asks = expect.stringContaining('Sign out of the console?');
      expect([there.url.href, there.html]).toEqual([`${here.consoleOrigin}/sign-out`, asks]);
      await person.does(there, '/sign-out');
      expect((await person.opens(account)).html).toContain('type="password"');
    },
  );

  it('ends here where the console has no such page', async () => {
    await using other = await theHandOff({ directory: { signOut: undefined } });
    const person = await somebodySignedIn(other);
    expect((await signsOut(person, `${account}/sign-out`, '/sign-out')).html).toContain('Signed out');
  });
});

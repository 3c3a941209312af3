import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aPersonOf, type HandOff, theHandOff } from './hand-off.ts';

let here: HandOff;
beforeAll(async () => {
  here = await theHandOff();
});
afterAll(() => here.close());

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

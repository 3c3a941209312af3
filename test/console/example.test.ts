import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/clock.ts';
import { createHttpDirectory } from '../../src/console/index.ts';
import { aPerson, theExample } from './example.ts';

let here: Awaited<ReturnType<typeof theExample>>;
beforeEach(async () => {
  here = await theExample();
});
afterEach(() => here.close());

const adaAtHome = async () => {
  const ada = aPerson(here);
  return { ada, home: await ada.signsIn(await ada.opensConsole()) };
};

describe('the example console', () => {
  it('shows whom one works with, and switches to another organization', async () => {
    const { ada, home } = await adaAtHome();
    expect(home.html).toContain('<h1>Acme Corp</h1>');
    expect(home.html).toContain('Grace Hopper');
    const other = await ada.does(home, '/organization', { organization: 'o_8' });
    expect(other.html).toContain('<h1>Globex</h1>');
    expect(other.html).toContain('Edsger Dijkstra');
  });

  it('hands on the organization that the person works for', async () => {
    const { ada, home } = await adaAtHome();
    await ada.does(home, '/organization', { organization: 'o_8' });
    const back = await ada.comes(here.server.begin({ uid: 'i-1' }));
    expect(await ada.returns(back)).toMatchObject({ body: { body: { organization: 'o_8' } } });
  });

  it.each([
    ['/members/remove', 'membershipEnded u_2 o_7'],
    ['/members/role', 'roleChanged u_2 o_7'],
    ['/members/disable', 'accountDisabled u_2'],
  ])('tells the authorization server of %s before its page says so', async (action, ended) => {
    const { ada, home } = await adaAtHome();
    const page = await ada.does(home, action);
    expect(page.status).toBe(200);
    expect(here.server.ended).toEqual([ended]);
  });

  it('answers the directory as it was changed', async () => {
    const { sign, issuer } = here.server;
    const directory = createHttpDirectory({
      ...{ url: here.directoryUrl, issuer, sign, clock: systemClock, unavailable: 'wait' },
    });
    expect(await directory.findMembership('u_2', 'o_7')).toMatchObject({ role: 'member' });
    const { ada, home } = await adaAtHome();
    await ada.does(home, '/members/role');
    directory.forgetAccount('u_2');
    expect(await directory.findMembership('u_2', 'o_7')).toMatchObject({ role: 'viewer' });
    await directory.close();
  });

  it('lets only an owner do that, and only for its own organization', async () => {
    const { ada, home } = await adaAtHome();
    expect(await ada.does(home, '/members/remove', { account: 'u_3' })).toMatchObject({ status: 404 });
    const globex = await ada.does(home, '/organization', { organization: 'o_8' });
    expect(globex.html).not.toContain('/members/');
    expect(await ada.does(home, '/members/remove')).toMatchObject({ status: 403 });
    expect(here.server.ended).toEqual([]);
  });

  it.each(['https://attacker.example', 'null', ''])('takes no form from %j', async (origin) => {
    const { ada, home } = await adaAtHome();
    const answer = await ada.atConsole.submit(home, '/members/remove', {}, { origin });
    expect(answer.status).toBe(403);
    expect(here.people.memberships('u_2')).toHaveLength(1);
  });

  it('escapes what comes from others', async () => {
    const page = await aPerson(here).atConsole.open(
      `${here.signIn}?login_challenge=x&login_hint=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E`,
    );
    expect(page.html).not.toContain('<script');
    const shown = await aPerson(here).comes(
      `${here.server.begin({ uid: 'i-1' })}?login_hint=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E`,
    );
    expect(shown.html).not.toContain('<script');
  });

  it('says in the same words that an email is unknown and that a password is wrong', async () => {
    const ada = aPerson(here);
    const page = await ada.opensConsole();
    const [unknown, wrong] = [
      await ada.signsIn(page, 'nobody@example.com'),
      await ada.signsIn(page, 'ada@example.com', 'x'),
    ];
    expect([unknown.status, wrong.status]).toEqual([422, 422]);
    expect(unknown.html).toContain('Email or password is wrong.');
    expect(wrong.html).toContain('Email or password is wrong.');
  });
});

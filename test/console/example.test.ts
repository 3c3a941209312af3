import { describe, expect, it } from '@jest/globals';
import { fresh } from '../support/shared.ts';
import { aPerson, directoryOf, theExample } from './example.ts';

const here = fresh(theExample);

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
    expect(await ada.returns(await ada.comes())).toMatchObject({ body: { body: { organization: 'o_8' } } });
  });

  it.each([
    ['/members/remove', 'membershipEnded u_2 o_7'],
    ['/members/role', 'roleChanged u_2 o_7'],
    ['/members/disable', 'accountDisabled u_2'],
  ])('tells the authorization server of %s before its page says so', async (action, ended) => {
    const { ada, home } = await adaAtHome();
    expect(await ada.does(home, action)).toMatchObject({ status: 200 });
    expect(here.server.ended).toEqual([ended]);
  });

  it('answers the directory as it was changed', async () => {
    const directory = directoryOf(here);
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
    expect(await ada.atConsole.submit(home, '/members/remove', {}, { origin })).toMatchObject({ status: 403 });
    expect(here.people.memberships('u_2')).toHaveLength(1);
  });

  it('escapes what comes from others', async () => {
    const hint = 'login_hint=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E';
    const page = await aPerson(here).atConsole.open(`${here.signIn}?login_challenge=x&${hint}`);
    expect(page.html).not.toContain('<script');
    const shown = await aPerson(here).comes('i-1', {}, `?${hint}`);
    expect(shown.html).not.toContain('<script');
  });

  it('says in the same words that an email is unknown and that a password is wrong', async () => {
    const ada = aPerson(here);
    const page = await ada.opensConsole();
    for (const [email, password] of [['nobody@example.com'], ['ada@example.com', 'x']]) {
      const { status, html } = await ada.signsIn(page, email, password);
      expect([status, html]).toEqual([422, expect.stringContaining('Email or password is wrong.')]);
    }
  });
});

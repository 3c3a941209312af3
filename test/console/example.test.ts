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
    const ticket = (await ada.comes()).url.searchParams.get('ticket') ?? '';
    const body = expect.objectContaining({ organization: 'o_8' });
    expect(await here.server.challenges.redeem(ticket, 'interaction-1')).toMatchObject({ kind: 'accepted', body });
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
    const login_hint = '"><script>alert(1)</script>';
    const unknown = `${here.signIn}?${new URLSearchParams({ login_challenge: 'x', login_hint })}`;
    expect((await aPerson(here).atConsole.open(unknown)).html).not.toContain('<script');
    expect((await aPerson(here).comes({ login_hint })).html).not.toContain('<script');
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

it('a challenge answered for somebody else is refused once it has been answered', async () => {
  const [ada, grace] = [aPerson(here), aPerson(here)];
  const page = await ada.comes();
  await ada.signsIn(page);
  const refused = await grace.signsIn(await grace.atConsole.open(page.url.href), 'grace@example.com');
  expect([refused.status, refused.html]).toEqual([400, expect.stringContaining('Begin again in your tool')]);
  expect(here.server.audit.at(-1)).toMatchObject({ event: 'console.refused', status: 409 });
});

describe('the console as open redirector', () => {
  it.each([
    ['another origin', 'https://attacker.example/return?ticket=x'],
    ['another scheme', 'javascript:alert(1)'],
    ['a host that begins alike', 'http://127.0.0.1.attacker.example/mcp'],
    ['a user name that looks like it', 'http://127.0.0.1@attacker.example/mcp'],
  ])('sends nobody to %s', async (_name, redirectTo) => {
    here.server.lie(redirectTo);
    const ada = aPerson(here);
    const rest = await ada.signsIn(await ada.comes());
    expect([rest.status, rest.url.origin]).toEqual([502, here.origin]);
  });
});

describe('a stale session at the console', () => {
  it.each([
    ['prompt=login', { prompt: 'login' as const }],
    ['prompt=select_account', { prompt: 'select_account' as const }],
    ['max_age=0', { max_age: 0 }],
  ])('does not satisfy %s: the console asks', async (_name, rules) => {
    const ada = aPerson(here);
    await ada.signsIn(await ada.comes());
    expect((await ada.comes()).url.pathname).toBe('/mcp/oauth/interaction/interaction-1/return');
    const page = await ada.comes(rules);
    expect(page.html).toMatch(/Sign in to the console[\s\S]*to connect Editor/);
    expect((await ada.signsIn(page)).url.pathname).toBe('/mcp/oauth/interaction/interaction-1/return');
  });
});

describe('the directory of the console', () => {
  it.each([
    ['an access token of ours', {}, 'at+jwt'],
    ['a question to another directory', { aud: 'https://other.example/directory' }, 'directory+jwt'],
    ['a question without an end', { exp: undefined }, 'directory+jwt'],
  ])('is not opened by %s', async (_name, claims, typ) => {
    const now = Math.floor(Date.now() / 1000);
    const all = { iss: here.server.issuer, aud: here.directoryUrl, iat: now, exp: now + 60, ...claims };
    const token = await here.server.sign(JSON.parse(JSON.stringify(all)), typ);
    const answer = await fetch(`${here.directoryUrl}/accounts/u_1`, { headers: { authorization: `Bearer ${token}` } });
    expect([answer.status, await answer.text()]).toEqual([401, 'Unauthorized']);
  });
});

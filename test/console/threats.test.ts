import { describe, expect, it } from '@jest/globals';
import { fresh } from '../support/shared.ts';
import { asked } from './endpoints.ts';
import { aPerson, directoryOf, theExample } from './example.ts';

/** The table of threats, each attack by name, against the program of examples/console and a server over HTTP. */
const here = fresh(theExample);

const nobody = { status: 400, body: { error: 'not yours' } };

describe('the honest way', () => {
  it('leads from the authorization to the console and back, and says who it is', async () => {
    const ada = aPerson(here);
    const page = await ada.comes();
    expect(page.html).toContain('to connect Editor');
    const { status, body, url } = await ada.returns(await ada.signsIn(page));
    expect([status, url.pathname, url.search]).toEqual([200, '/mcp/oauth/interaction/i-1/done', '']);
    expect(body).toMatchObject({
      kind: 'accepted',
      body: { account: { id: 'u_1', email: 'ada@example.com', name: 'Ada Lovelace' }, amr: ['pwd'] },
    });
  });

  it('is passed at once by whoever is signed in at the console', async () => {
    const ada = aPerson(here);
    await ada.answers();
    const back = await ada.comes('i-2');
    expect(await ada.returns(back)).toMatchObject({ status: 200, body: { body: { account: { id: 'u_1' } } } });
  });

  it('ends with access_denied for whoever cancels', async () => {
    const ada = aPerson(here);
    const back = await ada.does(await ada.comes(), '/mcp/cancel');
    expect(await ada.returns(back)).toMatchObject({ body: { kind: 'rejected', body: { error: 'access_denied' } } });
  });
});

describe('login CSRF, a session as a gift', () => {
  it('a victim who opens the attacker’s redirect_to is not signed in, and the ticket stays the attacker’s', async () => {
    const [mallory, victim] = [aPerson(here), aPerson(here)];
    const back = await mallory.answers('grace@example.com');
    expect(await victim.returns(back)).toMatchObject(nobody);
    expect(await mallory.returns(back)).toMatchObject({ status: 200 });
  });

  it('a victim who answers the attacker’s challenge signs nobody in: neither browser has ticket and cookie', async () => {
    const [mallory, victim] = [aPerson(here), aPerson(here)];
    const page = await mallory.comes();
    const back = await victim.signsIn(await victim.atConsole.open(page.url.href));
    expect(await victim.returns(back)).toMatchObject(nobody);
  });

  it('a ticket carried to another interaction, even of one’s own, does nothing', async () => {
    const [mallory, victim] = [aPerson(here), aPerson(here)];
    const back = await mallory.answers();
    await victim.comes('i-2');
    const carried = new URL(back.url.href.replace('/i-1/', '/i-2/'));
    expect(await victim.returns({ ...back, url: carried })).toMatchObject(nobody);
  });
});

describe('a ticket out of a Referer or a log', () => {
  const answered = async () => {
    const ada = aPerson(here);
    return { ada, back: await ada.answers() };
  };

  it('is worth nothing without the cookie of the interaction', async () => {
    expect((await fetch((await answered()).back.url)).status).toBe(400);
  });

  it('is worth nothing a second time', async () => {
    const { ada, back } = await answered();
    await ada.returns(back);
    expect(await ada.returns(back)).toMatchObject(nobody);
  });

  it('signs in once when it is used 50 times at once', async () => {
    const { ada, back } = await answered();
    const uses = await Promise.all(Array.from({ length: 50 }, () => ada.returns(back)));
    expect(uses.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('is worth nothing after a minute', async () => {
    const { ada, back } = await answered();
    here.server.pass(60);
    expect(await ada.returns(back)).toMatchObject(nobody);
  });
});

describe('a stolen challenge', () => {
  const call = (url: URL, verb: string, authorization?: string) =>
    fetch(`${here.server.issuer}/oauth/directory/challenges/${url.searchParams.get('login_challenge')}${verb}`, {
      method: verb === '' ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) },
      ...(verb !== '' && { body: JSON.stringify({ account: { id: 'u_2' }, auth_time: 1 }) }),
    });

  it('says who asks, and nothing about a person', async () => {
    const page = await aPerson(here).comes();
    const text = await (await call(page.url, '')).text();
    expect(JSON.parse(text)).toMatchObject({ client: { name: 'Editor' } });
    expect(text).not.toMatch(/@|account|hint/);
  });

  it.each([
    ['without a credential', undefined],
    ['with a wrong one', `Basic ${Buffer.from('example-console:guessed').toString('base64')}`],
    ['with that of another client', `Basic ${Buffer.from('editor:a secret').toString('base64')}`],
    ['with an empty one', 'Basic '],
    ['with a token', 'Bearer anything'],
  ])('is not answered %s', async (_name, authorization) => {
    const page = await aPerson(here).comes();
    const response = await call(page.url, '/accept', authorization);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, expect.stringMatching(/^Basic/)]);
    expect(here.server.audit.at(-1)).toMatchObject({ event: 'console.refused', status: 401, address: '127.0.0.1' });
  });
});

describe('a challenge answered for somebody else', () => {
  it('is refused once it has been answered', async () => {
    const [ada, grace] = [aPerson(here), aPerson(here)];
    const page = await ada.comes();
    await ada.signsIn(page);
    const refused = await grace.signsIn(await grace.atConsole.open(page.url.href), 'grace@example.com');
    expect([refused.status, refused.html]).toEqual([400, expect.stringContaining('Begin again in your tool')]);
    expect(here.server.audit.at(-1)).toMatchObject({ event: 'console.refused', status: 409 });
  });
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
    const rest = await ada.answers();
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
    await ada.answers();
    const page = await ada.comes('i-2', rules);
    expect(page.html).toContain('Sign in to the console');
    expect(await ada.returns(await ada.signsIn(page))).toMatchObject({ status: 200 });
  });

  it('does not satisfy prompt=login where the console forgets to ask', async () => {
    const ada = aPerson(here);
    await ada.answers();
    here.server.pass(120);
    const { url } = await ada.atServer.open(here.server.begin('i-2', { prompt: 'login' }));
    url.searchParams.delete('prompt');
    expect(await ada.returns(await ada.atConsole.open(url.href))).toMatchObject({ status: 403 });
  });
});

describe('mixing accounts by e-mail', () => {
  it('an account with the same email and another id is another account', async () => {
    const challenge = await here.server.challenges.create({ interactionUid: 'i-1', lifetimeSeconds: 60, asked });
    const answer = (id: string) =>
      here.server.challenges.answer(challenge, {
        kind: 'accepted',
        body: { account: { id, email: 'ada@example.com', email_verified: true }, auth_time: 1 },
      });
    await answer('u_1');
    expect(await answer('u_2')).toBe('answered');
  });
});

describe('the directory of the console', () => {
  it('says of a member who has left that it is none, at the next question', async () => {
    await using stack = new AsyncDisposableStack();
    const directory = stack.adopt(directoryOf(here), (each) => each.close());
    expect(await directory.findMembership('u_2', 'o_7')).toMatchObject({ role: 'member' });
    const ada = aPerson(here);
    await ada.does(await ada.signsIn(await ada.opensConsole()), '/members/remove');
    expect(here.server.ended).toEqual(['membershipEnded u_2 o_7']);
    directory.forgetAccount('u_2');
    expect(await directory.findMembership('u_2', 'o_7')).toBeUndefined();
  });

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

import { describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { account, aPersonOf, challengeOf, now, theHandOff } from '../hand-off/hand-off.ts';
import { inAFlow, watchStore } from '../support/attacked.ts';
import type { LoadedPage } from '../support/browser-without-a-screen.ts';
import { cookieHeader } from '../support/cookies.ts';
import { listening } from '../support/listening.ts';
import { asItWas, plantCookies, sendsOnly } from '../support/planted.ts';
import { registerClient } from '../support/relying-party.ts';
import { shared } from '../support/shared.ts';

/** The table of threats of the hand-off, each attack by name, on the whole server beside the whole example (of no chapter: our own protocol). */
const store = shared(watchStore);
const here = shared(() => theHandOff({ env: store.env }));

type Person = ReturnType<typeof aPersonOf>;

/** The URL with the ticket, where the browser has not been yet. */
async function hasTicket(person: Person, email = 'grace@example.com'): Promise<URL> {
  return (await person.signsIn(await person.reachesConsole(), email)).url;
}

/** Whether the browser is at a page for somebody who is signed in. */
const isSignedIn = ({ html }: LoadedPage) => /Authorize|Choose an organization/.test(html);

/** And nobody is signed in, nor anything used up. */
const isRefused = <T>(attempt: () => Promise<T>) => store.changesNothing(attempt, inAFlow);

/** The console's answer, as whoever has its credential or says another one sends it. */
const accept = (page: LoadedPage, id = 'u_2', headers: Record<string, string> = {}) =>
  here.call(`challenges/${challengeOf(page)}/accept`, { account: { id }, auth_time: now() }, headers);
/** The way back as that browser would take it, as often as one likes. */
async function wayBackOf(person: Person) {
  const back = await hasTicket(person);
  const cookie = cookieHeader(person.atServer);
  return () => fetch(back, { redirect: 'manual', headers: { cookie } });
}

describe('login CSRF, a session as a gift', () => {
  it('a victim who opens the attacker’s redirect_to is not signed in, and the ticket stays the attacker’s', async () => {
    const [mallory, victim] = [aPersonOf(here), aPersonOf(here)];
    const back = await hasTicket(mallory);
    await victim.reachesConsole();
    const opened = await isRefused(() => victim.opens(back.href));
    expect([opened.status, isSignedIn(opened)]).toEqual([400, false]);
    expect(isSignedIn(await mallory.opens(back.href))).toBe(true);
  });

  it('a victim who answers the attacker’s challenge signs nobody in', async () => {
    const [mallory, victim] = [aPersonOf(here), aPersonOf(here)];
    const page = await mallory.reachesConsole();
    const back = await victim.signsIn(await victim.atConsole.open(page.url.href), 'grace@example.com');
    expect(isSignedIn(await victim.atServer.open(back.url.href))).toBe(false);
    expect((await mallory.atServer.open(`${back.url.pathname}?ticket=guessed`)).html).toContain('cannot be used');
  });

  it('a ticket carried to another interaction, even of one’s own, does nothing', async () => {
    const [mallory, victim] = [aPersonOf(here), aPersonOf(here)];
    const [stolen, own] = [await hasTicket(mallory), await hasTicket(victim)];
    own.searchParams.set('ticket', String(stolen.searchParams.get('ticket')));
    const opened = await isRefused(() => victim.atServer.open(own.href));
    expect([opened.status, isSignedIn(opened)]).toEqual([403, false]);
  });
});

describe('session fixation', () => {
  const reaches = {
    'in a flow': (victim: Person) => victim.reachesConsole(),
    'at the account': async ({ atServer, atConsole }: Person) =>
      atConsole.open((await atServer.open(`${account}/sign-in`)).url.href),
  };
  it.each(Object.entries(reaches))(
    'a session that was planted is nobody’s as soon as its victim comes back, %s',
    async (_name, reaches) => {
      const [mallory, victim] = [aPersonOf(here), aPersonOf(here)];
      await mallory.connects('grace@example.com');
      plantCookies(mallory.atServer, victim.atServer);
      const page = await reaches(victim);
      const planted = asItWas(here.origin, victim.atServer);
      const back = (await victim.signsIn(page, 'ada@example.com')).url;
      const answer = await sendsOnly(victim.atServer, back);

      expect(answer.status).toBe(303);
      for (const attacker of [mallory.atServer, planted])
        expect((await attacker.open(account)).url.origin).toBe(here.consoleOrigin);
      const goesOn = await planted.open(String(answer.headers.get('location')));
      expect(goesOn.html).not.toContain('ada@example.com');
      expect(isSignedIn(goesOn)).toBe(false);
    },
  );
});

describe('a ticket out of a Referer or a log', () => {
  it('is in no line of it, nor are the credential of the console and the answer to its challenge', async () => {
    const person = aPersonOf(here);
    const page = await person.reachesConsole();
    const back = (await person.signsIn(page, 'grace@example.com')).url;
    const consent = await person.opens(back.href);
    await aPersonOf(here).atServer.open(back.href);
    await accept(page);
    const ticket = String(back.searchParams.get('ticket'));
    expect([ticket.length > 20, isSignedIn(consent), consent.html.includes(ticket)]).toEqual([true, true, false]);

    const log = JSON.stringify(here.logLines);
    const [, encoded = ''] = here.credential.split(' ');
    const [, secret = ''] = Buffer.from(encoded, 'base64').toString().split(':');
    for (const each of [ticket, encoded, secret, decodeURIComponent(secret), 'demo-password'])
      expect(log).not.toContain(each);
  });

  it('is worth nothing without the cookie of the interaction', async () => {
    const back = await hasTicket(aPersonOf(here));
    expect((await isRefused(() => fetch(back))).status).toBe(400);
  });

  it('leaves the address at once, and no page tells it to anybody', async () => {
    const { status, headers } = await (await wayBackOf(aPersonOf(here)))();
    expect(status).toBe(303);
    expect(Object.fromEntries(headers)).toMatchObject({
      ...{ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' },
      location: expect.not.stringContaining('ticket'),
    });
  });

  it('is worth nothing a second time', async () => {
    const use = await wayBackOf(aPersonOf(here));
    expect([(await use()).status, (await use()).status]).toEqual([303, 400]);
  });

  it('signs in once when it is used 50 times at once', async () => {
    const use = await wayBackOf(aPersonOf(here));
    const uses = await Promise.all(Array.from({ length: 50 }, use));
    expect(uses.filter(({ status }) => status === 303)).toHaveLength(1);
  });
});

describe('a stolen challenge', () => {
  it('says only who asks', async () => {
    const page = await aPersonOf(here).reachesConsole({ login_hint: 'grace@example.com' });
    const answer = await fetch(`${here.issuer}/oauth/directory/challenges/${challengeOf(page)}`);
    expect(await answer.text()).not.toMatch(/@|account|hint/);
  });

  it.each([
    ['without a credential', ''],
    ['with a wrong one', `Basic ${Buffer.from('example-console:guessed').toString('base64')}`],
    ['with the id alone', `Basic ${Buffer.from('example-console:').toString('base64')}`],
    ['with a token', 'Bearer anything'],
    ['with an unsigned assertion', 'Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJleGFtcGxlLWNvbnNvbGUifQ.x'],
  ])('is not answered %s', async (_name, authorization) => {
    const page = await aPersonOf(here).reachesConsole();
    const answer = await isRefused(() => accept(page, 'u_2', { authorization }));
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, expect.stringMatching(/^Basic/)]);
  });

  it('is not answered by another client of this server', async () => {
    const other = await registerClient(here.issuer, { token_endpoint_auth_method: 'client_secret_basic' });
    const authorization = `Basic ${Buffer.from(`${other.clientId}:${other.clientSecret}`).toString('base64')}`;
    const page = await aPersonOf(here).reachesConsole();
    expect((await isRefused(() => accept(page, 'u_2', { authorization }))).status).toBe(401);
  });
});

describe('the console’s credential is stolen', () => {
  it('answers only into a browser that holds the interaction, and each answer is a line with its address', async () => {
    const page = await aPersonOf(here).reachesConsole();
    const back = await here.accepts(page, { account: { id: 'u_1' } });
    expect((await isRefused(() => fetch(back))).status).toBe(400);
    expect(here.logLines.filter(({ event }) => event === 'console.accepted').at(-1)).toMatchObject({
      address: expect.stringContaining('127.0.0.1'),
      account: 'u_1',
      status: 200,
    });
  });

  it('does not answer a challenge again for somebody else', async () => {
    const page = await aPersonOf(here).reachesConsole();
    await accept(page, 'u_1');
    expect((await isRefused(() => accept(page, 'u_2'))).status).toBe(409);
  });
});

describe('the console as open redirector', () => {
  it('is told a redirect_to of our own origin, whatever host the call names', async () => {
    const page = await aPersonOf(here).reachesConsole();
    const answer = await accept(page, 'u_2', { 'x-forwarded-host': 'attacker.example' });
    const { redirect_to: back, expires_in: seconds } = (await answer.json()) as Record<string, string | number>;
    expect([new URL(String(back)).origin, seconds]).toEqual([here.origin, 60]);
  });
});

describe('approving as somebody else', () => {
  it('the consent page is ours, shows the account, and leads to another one', async () => {
    const person = aPersonOf(here);
    const consent = await person.comesIn(await person.reachesConsole(), 'grace@example.com');
    expect(consent.url.origin).toBe(here.origin);
    expect(consent.html).toMatch(/grace@example\.com[\s\S]*account=another/);
  });
});

describe('a stale session at the console', () => {
  it.each<[string, Record<string, string>, string, string]>([
    ['prompt=login', { prompt: 'login' }, 'stale', 'You have to sign in again'],
    ['max_age', { max_age: '60', scope: 'openid project:read' }, 'stale', 'You have to sign in again'],
    ['acr_values', { acr_values: 'urn:mfa', scope: 'openid project:read' }, 'unproven', 'is not enough'],
  ])('does not satisfy %s: a page, and a line of the log', async (_name, parameters, reason, words) => {
    const person = aPersonOf(here);
    const old = { account: { id: 'u_2' }, auth_time: now() - 3600, acr: 'urn:pwd' };
    const refused = await person.opens(await here.accepts(await person.reachesConsole(parameters), old));
    expect([refused.status, refused.html]).toEqual([403, expect.stringContaining(words)]);
    const line = here.logLines.filter(({ event }) => event === 'sign_in.hand_off_refused').at(-1);
    expect(line).toMatchObject({ reason, client: here.tool.clientId });
    expect(refused.html).toContain(String(line?.reference));
    const again = await person.atServer.open(`${refused.url.pathname}?account=same`);
    const [[name, value] = []] = Object.entries(parameters);
    expect(again.url.searchParams.get(String(name))).toBe(value);
  });
});

it('a session at the console that is young enough, and of the kind that is asked for, satisfies both', async () => {
  const person = aPersonOf(here);
  const page = await person.reachesConsole({ max_age: '600', acr_values: 'urn:mfa', scope: 'openid project:read' });
  const young = { account: { id: 'u_2' }, auth_time: now() - 300, acr: 'urn:mfa' };
  expect(isSignedIn(await person.opens(await here.accepts(page, young)))).toBe(true);
});

describe('mixing accounts by e-mail', () => {
  it('the id is the account, whatever email the console names', async () => {
    const person = aPersonOf(here);
    const named = { account: { id: 'u_3', email: 'ada@example.com', email_verified: true } };
    const { html } = await person.opens(await here.accepts(await person.reachesConsole(), named));
    expect(html).toContain('edsger@example.com');
    expect(html).not.toContain('ada@example.com');
  });
});

describe('our JWT used elsewhere', () => {
  it('says for whom, for what and for how long it is', async () => {
    let seen = '';
    await using listener = await listening((request, response) => {
      seen = String(request.headers.authorization).replace('Bearer ', '');
      response.writeHead(302, { location: 'http://127.0.0.1:1/elsewhere' }).end();
    });
    const url = `${listener.origin}/directory`;
    await using other = await theHandOff({ directory: { url } });
    // A redirect is not followed: it counts as no answer.
    await expect(other.server.directory.findAccount('u_2')).rejects.toMatchObject({ check: 'status 302' });
    const { iss, aud, iat = 0, exp = 0 } = decodeJwt(seen);
    expect([decodeProtectedHeader(seen).typ, iss, aud, exp - iat]).toEqual(['directory+jwt', other.issuer, url, 60]);
  });
});

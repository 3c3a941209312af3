import { afterEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type Behaviour, body } from '../console/a-directory-server.ts';
import type { Answer, Script } from '../identity-providers/scripted-provider.ts';
import { heading, linkOf } from '../identity-providers/signing-in.ts';
import type { LoadedPage } from '../support/browser-without-a-screen.ts';
import { redirectUri } from '../support/relying-party.ts';
import { shared } from '../support/shared.ts';
import { type CodeFault, everyWay, type Person, teams, type WayName, ways } from './each-way.ts';

const all = shared(everyWay);
afterEach(() => {
  for (const name of Object.keys(ways) as WayName[]) all[name].plays();
});

const namesOn = ({ html }: LoadedPage) =>
  [...html.matchAll(/<strong class="name"><bdi>(team-\d)<\/bdi><\/strong>/g)].map(([, name]) => name);

it.each(Object.keys(ways) as WayName[])(
  'whatever way somebody comes in (%s) the request may name the organization; of nine the last used is first, and one may be searched for',
  async (name) => {
    const { here, person } = all[name];
    const ada = person();
    const { page: consent, verifier } = await ada.enters({ organization: 'team-7' });
    expect([heading(consent), namesOn(consent)]).toEqual([expect.stringContaining('wants to connect'), ['team-7']]);
    const { body: tokens } = await here.tool.exchange((await ada.approves(consent)).url, verifier);
    expect(decodeJwt(String(tokens.access_token)).org_slug).toBe('team-7');

    const { page: list } = await ada.enters({ prompt: 'consent' });
    expect(heading(list)).toBe('Choose an organization');
    expect(namesOn(list)).toEqual(['team-7', ...teams.filter((team) => team !== 'team-7')]);
    const found = await ada.opens(`${list.url.pathname}?organization=&search=TEAM-3`);
    expect(namesOn(found)).toEqual(['team-3']);

    const { page: foreign } = await ada.enters({ organization: 'team-10' });
    expect([foreign.status, namesOn(foreign)]).toEqual([422, expect.arrayContaining(teams)]);
  },
);

describe('max_age', () => {
  const openid = { organization: 'team-1', scope: 'openid' };
  const groups = teams.map((team) => `mcp:${team}:owner`);
  const saysAge = (seconds: number): Script => ({
    idToken: (claims) => ({ ...claims, groups, auth_time: Number(claims.iat) - seconds }),
  });

  it.each<[WayName, string, string, Script | undefined]>([
    ['accounts here', '600', '0', undefined],
    ['a directory in code', '600', '0', undefined],
    // Signed in there, in both cases, since before they came.
    ['a provider of OpenID Connect', '600', '200', saysAge(300)],
  ])(
    '(%s) is satisfied by who has signed in within %s seconds, and not by who has not within %s',
    async (name, long, short, said) => {
      const { here, person, plays } = all[name];
      if (said) plays(said);
      const ada = person();
      const first = await ada.enters({ ...openid, max_age: long });
      const { body } = await here.tool.exchange((await ada.approves(first.page)).url, first.verifier);
      const age = Date.now() / 1000 - Number(decodeJwt(String(body.id_token)).auth_time);
      expect(Math.abs(age - (said ? 300 : 0))).toBeLessThan(100);
      expect(heading((await ada.begins({ ...openid, max_age: long })).page)).toContain('wants to connect');
      const again = await ada.begins({ ...openid, max_age: short });
      expect(heading(again.page)).toMatch(/^Sign in|You have to sign in again/);
    },
  );
});

const never: Answer = () => undefined;
const cut: Answer = (response) => response.destroy();
const page: Answer = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Maintenance</h1>');

const inCode = (fault: CodeFault) => fault;
const atConsole = (behaviour: Behaviour) => behaviour;
const atProvider = (script: Script) => script;
const tokens = (answer: Answer) => atProvider({ answers: { '/token': answer } });
const atGitHub = (path: string, answer: Answer) => ({ [path]: answer });
const token = '/login/oauth/access_token';
const organization = { id: 'id-of-another', slug: 'team-1', name: 'team-1' };
const ofAnother = 'id is not the one that was asked for';
const anotherPerson = inCode(({ account, membership }) =>
  account ? { ...account, id: 'u_2' } : { ...membership, organization },
);
const anotherSubject = atProvider({ idToken: ({ email: _email, ...claims }) => claims, userinfo: { sub: 's-2' } });

/** GitHub says of nobody whom it is about but by its answer: there is nothing that it could be held to. */
const faultsOf: Partial<Record<WayName, [string, unknown, number, string][]>> = {
  'a directory in code': [
    ['throws', inCode(() => Promise.reject(new RangeError('x'))), 503, 'exception (RangeError)'],
    ['does not answer in two seconds', inCode(() => new Promise(() => undefined)), 503, 'time'],
    ['answers nonsense', inCode(() => ({ id: 7 })), 503, 'must be'],
    ['answers about another person', anotherPerson, 503, ofAnother],
  ],
  'a console': [
    ['cuts the line', atConsole((_request, response) => response.destroy()), 503, 'connection'],
    ['does not answer in two seconds', atConsole(() => undefined), 503, 'time'],
    ['answers nonsense', atConsole(body('<h1>Maintenance</h1>')), 503, 'JSON'],
    ['answers about another person', atConsole(body('{"id":"u_9","email":"a@b.example","name":"A"}')), 503, ofAnother],
  ],
  'a provider of OpenID Connect': [
    ['cuts the line', tokens(cut), 503, 'code: connection'],
    ['does not answer in two seconds', tokens(never), 503, 'code: time'],
    ['answers nonsense', tokens(page), 403, 'code: content type'],
    ['answers about another person', anotherSubject, 403, 'userinfo: sub'],
  ],
  GitHub: [
    ['cuts the line', atGitHub(token, cut), 503, 'code: connection'],
    ['does not answer in two seconds', atGitHub(token, never), 503, 'code: time'],
    ['does not say in two seconds who it is', atGitHub('/user', never), 503, '/user: time'],
    ['does not say the emails in two seconds', atGitHub('/user/emails', never), 503, '/user/emails: time'],
    ['does not say the organizations', atGitHub('/user/orgs', never), 503, '/user/orgs?per_page=100: time'],
    ['answers nonsense', atGitHub(token, page), 403, 'code: content type'],
    ['says nonsense of who it is', atGitHub('/user', page), 403, '/user: SyntaxError'],
  ],
};
const faults = (Object.keys(faultsOf) as WayName[]).flatMap((name) =>
  (faultsOf[name] ?? []).map((fault) => [name, ...fault] as const),
);

const asksAtRenewals: WayName[] = ['a directory in code', 'a console'];
const inWords = /does not answer|did not sign you in|We cannot go on right now/;

describe('a way in that fails', () => {
  it.each(faults)(
    '(%s %s) is a page with a reference and one line with the check; nothing is used up, and what is connected waits at most',
    async (name, _what, fault, status, check) => {
      const { here, person, plays, passes } = all[name];
      const ada = person();
      const before = await ada.enters({ organization: 'team-1' });
      const connected = await here.tool.exchange((await ada.approves(before.page)).url, before.verifier);
      passes();

      plays(fault);
      const from = here.logLines.length;
      const other = person();
      const [{ page: refused, verifier }, renewal] = await Promise.all([
        other.enters({ organization: 'team-1' }),
        here.tool.refresh(String(connected.body.refresh_token)),
      ]);
      expect([refused.status, refused.url.origin]).toEqual([status, new URL(here.issuer).origin]);
      expect(heading(refused)).toMatch(inWords);
      const told = here.logLines.slice(from);
      const events = ['identity_provider.refused', 'directory.unavailable'];
      const failed = told.filter(({ event }) => events.includes(String(event)));
      expect(failed).toContainEqual(expect.objectContaining({ check: expect.stringContaining(check), level: 40 }));
      // Each check once, however many asked.
      expect(new Set(failed.map((line) => line.check)).size).toBe(failed.length);
      expect(told.some(({ reference }) => reference && refused.html.includes(String(reference)))).toBe(true);
      const waits = asksAtRenewals.includes(name);
      expect([renewal.status, renewal.body.error]).toEqual(waits ? [503, 'temporarily_unavailable'] : [200, undefined]);

      plays();
      passes();
      const { refresh_token: kept = connected.body.refresh_token } = renewal.body;
      expect((await here.tool.refresh(String(kept))).status).toBe(200);
      const again = await other.goesOn(refused);
      const { body: tokens } = await here.tool.exchange((await other.approves(again)).url, verifier);
      expect(decodeJwt(String(tokens.access_token)).org_slug).toBe('team-1');
    },
  );

  const kindOf = ([name, , , status]: (typeof faults)[number]) => `${name} ${status}`;
  const kinds = faults.filter((fault, index) => faults.findIndex((other) => kindOf(other) === kindOf(fault)) === index);
  it.each(kinds)(
    '(%s %s) is left by a button while it is away: then the tool is told, and not before; who stays goes on',
    async (name, _what, fault) => {
      const { here, person, plays, passes } = all[name];
      passes();
      plays(fault);
      const [ada, grace] = [person(), person()];
      const [{ page: refused, state }, { page: waits }] = [await ada.enters(), await grace.enters()];
      expect([refused.url.origin, refused.html]).toEqual([here.origin, expect.stringContaining('Try again')]);
      const left = await ada.leaves(refused);
      expect(left.url.origin).toBe(new URL(redirectUri).origin);
      const told = { error: 'access_denied', state, iss: here.issuer };
      expect(Object.fromEntries(left.url.searchParams)).toMatchObject(told);
      plays();
      passes();
      expect(heading(await grace.goesOn(waits))).toBe('Choose an organization');
    },
  );

  const away = (name: WayName) => faults.find(([way]) => way === name)?.[2];

  it.each(asksAtRenewals)('(%s) leads back before there is a flow, too, where somebody is signed in', async (name) => {
    const { here, person, plays, passes } = all[name];
    const ada = person();
    await ada.enters();
    passes();
    plays(away(name));
    const { page: refused, state } = await ada.begins();
    expect([refused.status, refused.url.pathname]).toEqual([503, expect.stringMatching(/\/authorize$/)]);
    const back = new URL(linkOf(refused, 'Go back to your tool'));
    expect(back.origin + back.pathname).toBe(redirectUri);
    expect(Object.fromEntries(back.searchParams)).toEqual({ error: 'access_denied', state, iss: here.issuer });
  });

  it('between the approval and the code takes nothing: the flow goes on, or is left', async () => {
    const { person, plays } = all['a directory in code'];
    const refusedAfter = async (who: Person) => {
      const { page: consent } = await who.enters({ organization: 'team-1' });
      let isAsked = false;
      const once: CodeFault = ({ account }) => {
        if (isAsked) throw new RangeError('away');
        isAsked = true;
        return account;
      };
      plays(once);
      const refused = await who.approves(consent);
      expect([refused.status, refused.url.pathname]).toEqual([
        503,
        expect.stringMatching(/\/interaction\/[\w-]+\/consent$/),
      ]);
      return refused;
    };
    const [ada, grace] = [person(), person()];
    const left = await ada.leaves(await refusedAfter(ada));
    expect(left.url.searchParams.get('error')).toBe('access_denied');
    plays();
    const stays = await refusedAfter(grace);
    plays();
    expect((await grace.opens(stays.url.href)).url.searchParams.get('code')).toEqual(expect.any(String));
  });
});

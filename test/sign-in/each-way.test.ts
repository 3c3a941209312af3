import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type Behaviour, body } from '../console/a-directory-server.ts';
import type { Answer, Script } from '../identity-providers/scripted-provider.ts';
import { heading } from '../identity-providers/signing-in.ts';
import type { Rest } from '../support/browser-without-a-screen.ts';
import { type CodeFault, everyWay, teams, type WayName, ways } from './each-way.ts';

let all: Awaited<ReturnType<typeof everyWay>>;
beforeAll(async () => {
  all = await everyWay();
});
afterEach(() => {
  for (const name of Object.keys(ways) as WayName[]) all[name].plays();
});
afterAll(() => all.close());

const namesOn = ({ html }: Rest) =>
  [...html.matchAll(/<strong class="name"><bdi>(team-\d)<\/bdi><\/strong>/g)].map(([, name]) => name);

describe('whatever way somebody comes in', () => {
  it.each(Object.keys(ways) as WayName[])(
    '(%s) the request may name the organization; of nine the last used is first, and one may be searched for',
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
});

const never: Answer = () => undefined;
const cut: Answer = (response) => response.destroy();
const page: Answer = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Maintenance</h1>');

const inCode = (fault: CodeFault) => fault;
const atConsole = (behaviour: Behaviour) => behaviour;
const atProvider = (script: Script) => script;
const atGitHub = (path: string, answer: Answer) => ({ [path]: answer });
const token = '/login/oauth/access_token';
const organization = { id: 'id-of-another', slug: 'team-1', name: 'team-1' };
const ofAnother = 'is not the one that was asked for';

/** GitHub says of nobody whom it is about but by its answer: there is nothing that it could be held to. */
const faults: [WayName, string, unknown, number, string][] = [
  ['a directory in code', 'throws', inCode(() => Promise.reject(new RangeError('x'))), 503, 'exception (RangeError)'],
  ['a directory in code', 'does not answer in two seconds', inCode(() => new Promise(() => undefined)), 503, 'time'],
  ['a directory in code', 'answers nonsense', inCode(() => ({ id: 7 })), 503, 'must be'],
  [
    'a directory in code',
    'answers about another person',
    inCode(({ account, membership }) => (account ? { ...account, id: 'u_2' } : { ...membership, organization })),
    503,
    `id ${ofAnother}`,
  ],
  ['a console', 'cuts the line', atConsole((_request, response) => response.destroy()), 503, 'connection'],
  ['a console', 'does not answer in two seconds', atConsole(() => undefined), 503, 'time'],
  ['a console', 'answers nonsense', atConsole(body('<h1>Maintenance</h1>')), 503, 'JSON'],
  [
    'a console',
    'answers about another person',
    atConsole(body('{"id":"u_9","email":"a@b.example","name":"A"}')),
    503,
    `id ${ofAnother}`,
  ],
  [
    'a provider of OpenID Connect',
    'cuts the line',
    atProvider({ answers: { '/token': cut } }),
    503,
    'code: connection',
  ],
  [
    'a provider of OpenID Connect',
    'does not answer in two seconds',
    atProvider({ answers: { '/token': never } }),
    503,
    'code: time',
  ],
  [
    'a provider of OpenID Connect',
    'answers nonsense',
    atProvider({ answers: { '/token': page } }),
    403,
    'code: content type',
  ],
  [
    'a provider of OpenID Connect',
    'answers about another person',
    atProvider({ idToken: ({ email: _email, ...claims }) => claims, userinfo: { sub: 's-2' } }),
    403,
    'userinfo: sub',
  ],
  ['GitHub', 'cuts the line', atGitHub(token, cut), 503, 'code: connection'],
  ['GitHub', 'does not answer in two seconds', atGitHub(token, never), 503, 'code: time'],
  ['GitHub', 'does not say in two seconds who it is', atGitHub('/user', never), 503, '/user: time'],
  ['GitHub', 'does not say the emails in two seconds', atGitHub('/user/emails', never), 503, '/user/emails: time'],
  ['GitHub', 'does not say the organizations', atGitHub('/user/orgs', never), 503, '/user/orgs?per_page=100: time'],
  ['GitHub', 'answers nonsense', atGitHub(token, page), 403, 'code: content type'],
  ['GitHub', 'says nonsense of who it is', atGitHub('/user', page), 403, '/user: SyntaxError'],
];

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
      expect([refused.status, refused.url.origin, heading(refused)]).toEqual([
        status,
        new URL(here.issuer).origin,
        expect.stringMatching(inWords),
      ]);
      const told = here.logLines.slice(from);
      const failed = told.filter(({ event }) =>
        /^(identity_provider\.refused|directory\.unavailable)$/.test(String(event)),
      );
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

  it.each(faults.filter(([name], index) => faults.findIndex(([other]) => other === name) === index))(
    '(%s %s) is told to the tool when the person leaves, and not before',
    async (name, _what, fault) => {
      const { here, person, plays, passes } = all[name];
      passes();
      plays(fault);
      const ada = person();
      const { page: refused } = await ada.enters();
      expect(refused.url.origin).toBe(new URL(here.issuer).origin);
      plays();
      passes();
      const left = await ada.leaves(asksAtRenewals.includes(name) ? await ada.goesOn(refused) : refused);
      expect(left.url.searchParams.get('error')).toBe('access_denied');
    },
  );
});

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Parts } from '../../src/composition/plugin.ts';
import type { Directory } from '../../src/index.ts';
import type { Behaviour } from '../console/a-directory-server.ts';
import { aPersonOf as someoneOfConsole, theHandOff } from '../hand-off/hand-off.ts';
import { startGitHub } from '../identity-providers/github.ts';
import { type Answer, json, startScriptedProvider } from '../identity-providers/scripted-provider.ts';
import { aPersonOf, entryFor, type Here, serverWith } from '../identity-providers/signing-in.ts';
import type { LoadedPage } from '../support/browser-without-a-screen.ts';
import { createTestClock } from '../support/clock.ts';
import { accountsOf } from '../support/member.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';

/** Ada is a member of nine, by whatever way she comes. */
export const teams = Array.from({ length: 9 }, (_, index) => `team-${index + 1}`);

interface Begun {
  readonly page: LoadedPage;
  readonly verifier: string;
  readonly state: string;
}

export interface Person {
  begins(parameters?: Record<string, string | undefined>): Promise<Begun>;
  /** As far as the first page after the sign-in, or one that says why there was none. */
  enters(parameters?: Record<string, string | undefined>): Promise<Begun>;
  opens(url: string): Promise<LoadedPage>;
  /** From a page that says why there was no sign-in, once there may be one. */
  goesOn(page: LoadedPage): Promise<LoadedPage>;
  approves(page: LoadedPage): Promise<LoadedPage>;
  leaves(page: LoadedPage): Promise<LoadedPage>;
}

export interface Way {
  readonly here: Pick<Here, 'issuer' | 'origin' | 'tool' | 'logLines'>;
  person(): Person;
  /** What it does from now on; without anything, what it should. */
  plays(fault?: unknown): void;
  /** Long enough that what was answered before counts no more, and that it is asked again. */
  passes(): void;
  close(): Promise<unknown>;
}

const email = 'ada@example.com';
const password = 'the password of ada';
const organizationOf = (name: string) => ({ id: `id-of-${name}`, slug: name, name });
const memberships = () => teams.map((name) => ({ organization: organizationOf(name), role: 'owner' }));

function visitor(
  here: Here,
  signsIn = async (_person: ReturnType<typeof aPersonOf>, page: LoadedPage) => page,
): Person {
  const person = aPersonOf(here);
  return {
    begins: person.begins,
    async enters(parameters) {
      const begun = await person.begins(parameters);
      return { ...begun, page: await signsIn(person, begun.page) };
    },
    opens: async (url) => person.follow(await person.atServer.open(url)),
    async goesOn(page) {
      if (signsIn !== byPassword) return person.presses(page, 'Try again');
      // The form is there once more, where it was sent to.
      return signsIn(person, await person.follow(await person.atServer.open(page.url.href.replace(/\/sign-in$/, ''))));
    },
    approves: person.approves,
    leaves: (page) => person.atServer.submit(page, '/decline'),
  };
}

const byPassword = async (person: ReturnType<typeof aPersonOf>, page: LoadedPage) =>
  page.html.includes('/sign-in"')
    ? person.follow(await person.atServer.submit(page, '/sign-in', { email, password }))
    : page;

/** A server to which people give their password. */
async function withPasswords(parts: Parts = {}) {
  const { clock, ...time } = createTestClock();
  const server = await startServer({ parts: { ...parts, clock } });
  const here = { ...server, tool: await registerClient(server.issuer) };
  return { here, person: () => visitor(here, byPassword), passes: () => time.pass(2), close: server.close };
}

async function accountsHere(): Promise<Way> {
  const way = await withPasswords();
  const directory = accountsOf(way.here);
  const { id } = await directory.createAccount({ email, name: 'Ada', password });
  for (const name of teams)
    await directory.setMembership(id, (await directory.createOrganization({ slug: name, name })).id, 'owner');
  return { ...way, plays: () => undefined };
}

/** What a question is answered with instead. */
export type CodeFault = (about: { readonly account?: object; readonly membership?: object }) => unknown;

async function directoryInCode(): Promise<Way> {
  let fault: CodeFault | undefined;
  const account = { id: 'u_1', email, name: 'Ada' };
  const answer = async (about: Parameters<CodeFault>[0], as: unknown) => (fault ? fault(about) : as);
  const directory = {
    signIn: async (typed: string, secret: string) => (typed === email && secret === password ? account : undefined),
    findAccount: (id: string) => answer({ account }, id === 'u_1' ? account : undefined),
    memberships: (id: string) => (id === 'u_1' ? memberships() : []),
    findMembership: (_id: string, organizationId: string) => {
      const membership = memberships().find(({ organization }) => organization.id === organizationId);
      return answer(membership ? { membership } : {}, membership);
    },
  } as unknown as Directory;
  const plays = (next?: unknown) => {
    fault = next as CodeFault | undefined;
  };
  return { ...(await withPasswords({ directory })), plays };
}

function answerAsMemberOfNine(request: IncomingMessage, response: ServerResponse) {
  const [, , , , id = '', list, organizationId] = request.url?.split('/') ?? [];
  if (list === undefined) return json(response, { id, email, name: 'Ada' });
  const all = memberships();
  return json(response, organizationId ? all.find(({ organization }) => organization.id === organizationId) : all);
}

async function aConsole(): Promise<Way> {
  const { clock, ...time } = createTestClock();
  const here = await theHandOff({ parts: { clock } });
  here.plays(answerAsMemberOfNine);
  const person = (): Person => {
    const someone = someoneOfConsole(here);
    const isThere = ({ url, html }: LoadedPage) => url.origin === here.consoleOrigin && html.includes('/sign-in"');
    return {
      begins: someone.begins,
      async enters(parameters) {
        const { page, ...begun } = await someone.begins(parameters);
        return { ...begun, page: isThere(page) ? await someone.follow(await someone.signsIn(page, email)) : page };
      },
      opens: async (url) => someone.follow(await someone.atServer.open(url)),
      goesOn: async ({ url }) => someone.follow(await someone.atServer.open(url.href)),
      approves: someone.approves,
      leaves: (page) => someone.atServer.submit(page, '/decline'),
    };
  };
  return {
    here,
    person,
    plays: (fault) => here.plays((fault as Behaviour | undefined) ?? answerAsMemberOfNine),
    // The circuit, too, is asked again.
    passes: () => time.pass(6),
    close: here.close,
  };
}

/** Where people come back from a provider, which is asked about nobody afterwards. */
const fromProvider = (here: Here, provider: { close(): Promise<unknown> }) => ({
  ...{ here, person: () => visitor(here), passes: () => undefined },
  close: () => Promise.all([here.close(), provider.close()]),
});

async function anOpenIdProvider(): Promise<Way> {
  const provider = await startScriptedProvider();
  const groups = teams.map((name) => `mcp:${name}:owner`);
  const honest = { idToken: (claims: object) => ({ ...claims, groups }) };
  provider.plays(honest);
  const rule = { claim: 'groups', value: 'mcp:{organization}:{role}' };
  const here = await serverWith(() => [entryFor(provider, { memberships: [rule] })]);
  const plays = (fault?: unknown) => provider.plays({ ...honest, ...(fault as object | undefined) });
  return { ...fromProvider(here, provider), plays };
}

async function aGitHub(): Promise<Way> {
  const github = await startGitHub();
  const emails = [{ email, primary: true, verified: true }];
  github.is({ id: 7, login: 'ada', name: 'Ada', organizations: teams, emails });
  const client = { client_id: 'gh client', client_secret: 'gh secret' };
  const scopes = ['read:user', 'user:email', 'read:org'];
  const memberships = [{ claim: 'organizations', value: '{organization}', role: 'owner' }];
  const entry = { id: 'github', kind: 'github', issuer: github.origin, client, scopes, memberships };
  const here = await serverWith(() => [entry]);
  const plays = (fault?: unknown) => github.plays(fault as Record<string, Answer> | undefined);
  return { ...fromProvider(here, github), plays };
}

/** Every way in, as one that can be tried like any other. */
export const ways = {
  'accounts here': accountsHere,
  'a directory in code': directoryInCode,
  'a console': aConsole,
  'a provider of OpenID Connect': anOpenIdProvider,
  GitHub: aGitHub,
} satisfies Record<string, () => Promise<Way>>;
export type WayName = keyof typeof ways;

/** All of them, side by side. */
export async function everyWay() {
  const started = await Promise.all(Object.entries(ways).map(async ([name, start]) => [name, await start()] as const));
  const byName = Object.fromEntries(started) as Record<WayName, Way>;
  return { ...byName, close: () => Promise.all(started.map(([, { close }]) => close())) };
}

import type { Parts } from '../../src/composition/plugin.ts';
import { createPlainBrowser, type LoadedPage, type PlainBrowser } from '../support/browser-without-a-screen.ts';
import { freePort } from '../support/redis.ts';
import { type RelyingParty, registerClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { type Company, secret, startCompany } from './company.ts';

export type ProviderEntry = Record<string, unknown>;

export interface Here extends TestServer {
  readonly tool: RelyingParty;
}

interface Options {
  readonly changes?: Record<string, object | string>;
  readonly parts?: Parts;
  readonly env?: Record<string, string>;
  readonly demonstration?: boolean;
}

/** A server whose policy has these identity providers, which are made when it is known where it is. */
export async function serverWith(
  providersOf: (issuer: string) => ProviderEntry[] | Promise<ProviderEntry[]>,
  { changes = {}, parts, env = {}, demonstration = false }: Options = {},
): Promise<Here> {
  const port = await freePort();
  const policy = { ...changes, identityProviders: await providersOf(`http://localhost:${port}/mcp`) };
  const server = await startServer({ port, env, policy, demonstration, ...(parts && { parts }) });
  return { ...server, tool: await registerClient(server.issuer) };
}

/** As auth.json has a company. */
export function entryFor({ issuer }: Pick<Company, 'issuer'>, more: ProviderEntry = {}): ProviderEntry {
  return {
    id: 'company',
    issuer,
    client: { client_id: 'mcp-auth', client_secret: secret },
    scopes: ['openid', 'email', 'profile', 'groups'],
    ...more,
  };
}

/** Ada administers Acme, everybody of the staff may read; both are made when the first of them comes. */
export const staffRules = [
  { claim: 'groups', value: 'mcp-admins', organization: 'acme-works', organizationName: 'Acme Works', role: 'admin' },
  { claim: 'groups', value: 'staff', organization: 'acme-works', role: 'viewer' },
];

/** One company, one server. */
export async function theCompany(more: ProviderEntry = {}, options: Options & { pushes?: boolean } = {}) {
  let company: Company | undefined;
  const here = await serverWith(async (issuer) => {
    company = await startCompany(issuer, { pushes: options.pushes ?? true });
    return [entryFor(company, { memberships: staffRules, ...more })];
  }, options);
  return {
    ...here,
    company: company as unknown as Company,
    async close() {
      await company?.close();
      await here.close();
    },
  };
}

/** One browser, with what it holds for each server. */
export function aPersonOf({ origin, tool }: Pick<Here, 'origin' | 'tool'>) {
  const browsers = new Map<string, PlainBrowser>();
  const at = (where: string): PlainBrowser => {
    const known = browsers.get(where) ?? createPlainBrowser(where);
    browsers.set(where, known);
    return known;
  };
  const toTool = (url: URL) => url.origin === new URL(String((tool.registration.redirect_uris as string[])[0])).origin;

  /** From one server to the other, as often as they send there; rests on a page, or at the tool. */
  async function follow(rest: LoadedPage): Promise<LoadedPage> {
    // Whoever is signed in at the company as somebody else is signed out there first, by a page that posts itself.
    if (rest.html.includes('document.forms[0].submit()'))
      return follow(await at(rest.url.origin).submit(rest, '/session/end/confirm', {}, { origin: rest.url.origin }));
    if (rest.status !== 0 || toTool(rest.url)) return rest;
    return follow(await at(rest.url.origin).open(rest.url.href));
  }

  const person = {
    at,
    atServer: at(origin),
    follow,
    async begins(parameters: Record<string, string | undefined> = {}) {
      const request = tool.authorizationRequest(parameters);
      return { ...request, page: await follow(await at(origin).open(request.url.href)) };
    },
    /** On the page of the company; where that sends the browser, which has not been there. */
    signsIn: (page: LoadedPage, name = 'ada') =>
      at(page.url.origin).submit(page, page.url.pathname, { name }, { origin: page.url.origin }),
    /** The same, and on to where that leads. */
    enters: async (page: LoadedPage, name?: string) => follow(await person.signsIn(page, name)),
    cancels: (page: LoadedPage) => at(page.url.origin).submit(page, '/cancel', {}, { origin: page.url.origin }),
    /** Opens the link with these words. */
    async presses(page: LoadedPage, words: string | RegExp) {
      return follow(await at(page.url.origin).open(new URL(linkOf(page, words), page.url).href));
    },
    approves: (page: LoadedPage) => at(origin).submit(page, '/consent'),
    /** All the way to the tokens. */
    async connects(name = 'ada', parameters: Record<string, string | undefined> = {}) {
      const { page, verifier } = await person.begins(parameters);
      const consent = page.url.origin === origin ? page : await person.enters(page, name);
      const callback = await person.approves(consent);
      const { body } = await tool.exchange(callback.url, verifier);
      return body;
    },
  };
  return person;
}

export type Visitor = ReturnType<typeof aPersonOf>;

/** Somebody new, whom a tool sends here. */
export async function arriving(here: Pick<Here, 'origin' | 'tool'>, parameters: Record<string, string> = {}) {
  const person = aPersonOf(here);
  return { person, ...(await person.begins(parameters)) };
}

/** What a page that went wrong says. */
export const said = (page: LoadedPage) => [page.status, heading(page)];

/** The href of the link with these words in it. */
export function linkOf({ html }: LoadedPage, words: string | RegExp): string {
  const links = [...html.matchAll(/<a\b[^>]*href="([^"]*)"[^>]*>(.*?)<\/a>/gs)];
  const found = links.find(([, , text = '']) => {
    const plain = text
      .replaceAll(/<[^>]*>/g, '')
      .replaceAll(/\s+/g, ' ')
      .trim();
    return typeof words === 'string' ? plain === words : words.test(plain);
  });
  if (!found) throw new Error(`no link "${words}" on this page:\n${html}`);
  return (found[1] ?? '').replaceAll('&amp;', '&').replaceAll('&#38;', '&');
}

export const heading = ({ html }: LoadedPage) =>
  /<h1>(.*?)<\/h1>/s
    .exec(html)?.[1]
    ?.replaceAll(/<[^>]*>/g, '')
    .replaceAll('&#39;', "'");

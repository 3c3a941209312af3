import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { documentClient } from '../clients/document-client.ts';
import { startWeb } from '../clients/document-web.ts';
import { approve } from '../support/approval.ts';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const redirectUri = 'https://tool.example.com/callback';
const pretending = 'bkend official Claude';
const credentialsOf = (name: string) => ({ email: `${name}@example.com`, password: 'demo-password' });

const policy = {
  clients: [{ client_id: 'ours', client_name: 'Our tool', redirect_uris: [redirectUri] }],
  clientDocuments: { trusted: ['zed.dev'] },
};
const web = shared(startWeb);
beforeAll(() => {
  for (const [host, name] of [
    ['zed.dev', 'Zed'],
    ['tool.example.com', 'A tool'],
    ['opencode.ai', pretending],
  ]) {
    const url = `https://${host}/client.json`;
    web.serveJson(url, { client_id: url, client_name: name, redirect_uris: [redirectUri] });
  }
});
let server: TestServer;
// Each with connections of its own.
beforeEach(async () => {
  server = await startServer({ policy, parts: { network: web.network } });
});
afterEach(() => server.close());

const register = async (client_name: string) =>
  (await registerClient(server.issuer, { client_name, redirect_uris: [redirectUri] })).clientId;

const documentOf = (host: string) => async () => `https://${host}/client.json`;

const textOf = (html = '') => html.replaceAll(/<[^>]*>/g, '').replaceAll(/\s+/g, ' ');

/** Each page that names the client, in the order of a flow, and of the account afterwards. */
async function pagesThatName(clientId: string): Promise<Record<string, string>> {
  const { browser } = createPerson(server.origin);
  const client = documentClient(server.issuer, clientId, redirectUri);
  const { url, verifier } = client.authorizationRequest();
  const lure = new URL(url);
  lure.searchParams.set('redirect_uri', 'https://evil.example/');
  const signIn = await browser.open(url.href);
  const choice = await browser.submit(signIn, '/sign-in', credentialsOf('demo'));
  const consent = await browser.open(`${choice.url.href}?organization=acme`);
  const rest = await browser.submit(consent, '/consent');
  expect((await client.exchange(rest.url, verifier)).status).toBe(200);
  const account = await browser.open(`${server.origin}/mcp/oauth/account`);
  const [, connection = ''] = /href="([^"]*\/connections\/[^"/]+)"/.exec(account.html) ?? [];
  const at = async (path: string) => (await browser.open(server.origin + path)).html;
  const newcomer = createPlainBrowser(server.origin);
  const decliner = createPlainBrowser(server.origin);
  return {
    'sign-in': signIn.html,
    organization: choice.html,
    'no organization': (await newcomer.submit(await newcomer.open(url.href), '/sign-in', credentialsOf('new'))).html,
    consent: consent.html,
    receipt: rest.sentBy?.html ?? '',
    'receipt of a refusal': (await decliner.submit(await decliner.open(url.href), '/decline')).sentBy?.html ?? '',
    account: account.html,
    connection: await at(connection),
    change: await at(`${connection}/change`),
    'the question whether to disconnect': await at(`${connection}/disconnect`),
    'all connections of the organization': await at('/mcp/oauth/account/organizations/acme'),
    'the question of an administrator': await at(
      `${connection.replace('/connections', '/organizations/acme/connections')}/disconnect`,
    ),
    error: (await createPlainBrowser(server.origin).open(lure.href)).html,
  };
}

/** How far it is known who asks, as a page shows it: the look and the picture of the sign, and its words. */
function signsOn(html: string): string[] {
  const signs = html.matchAll(
    /<span class="tag assurance ([^"]*)">.*?<use href="#icon-(\w+)"\/>(.*?)<\/span><\/span>/gs,
  );
  return [...signs].map(
    ([, look = '', icon, words]) => `${[look, icon].filter(Boolean).join(' ')}: ${textOf(words).trim()}`,
  );
}

/** Sent to where the client wants it, without a page of ours before; nothing where it is. */
async function departureOf(clientId: string): Promise<Record<string, string>> {
  const { url } = documentClient(server.issuer, clientId, redirectUri).authorizationRequest();
  url.searchParams.set('prompt', 'none');
  const { html } = await createPlainBrowser(server.origin).open(url.href);
  return html === '' ? {} : { departure: html };
}

describe('how far it is known who asks', () => {
  it.each([
    ['is configured', async () => 'ours', 'Known to bkend', 'good check'],
    ['is published by a host that is trusted', documentOf('zed.dev'), 'Known to bkend', 'good check'],
    ['is published by another host', documentOf('tool.example.com'), 'Published by tool.example.com', 'globe'],
    ['registered itself', () => register('A tool'), 'Not verified', 'caution warning'],
  ])(
    'is said the same on every page, in words and with a sign, where the client %s',
    async (_name, client, said, sign) => {
      const clientId = await client();
      const pages = { ...(await pagesThatName(clientId)), ...(await departureOf(clientId)) };

      // One sign a page, and the same on all.
      expect(Object.entries(pages).map(([page, html]) => [page, signsOn(html)])).toEqual(
        Object.keys(pages).map((page) => [page, [`${sign}: ${said}`]]),
      );
      for (const other of ['Known to bkend', 'Published by', 'Not verified'].filter((each) => !said.startsWith(each)))
        expect(Object.entries(pages).filter(([, html]) => textOf(html).includes(other))).toEqual([]);
    },
  );

  it.each([
    ['published', documentOf('opencode.ai')],
    ['registered', () => register(pretending)],
  ])('and that its name pretends (R92), where it was %s; nothing is refused for it', async (_name, client) => {
    const pages = await pagesThatName(await client());

    for (const said of ['reads like bkend', 'speaks of an approval', 'a well-known tool called Claude']) {
      expect(Object.entries(pages).filter(([, html]) => !textOf(html).includes(said))).toEqual([]);
    }
  });

  it('decides whether somebody is sent where they were shown no page', async () => {
    for (const client of ['ours', 'https://zed.dev/client.json']) expect(await departureOf(client)).toEqual({});
    for (const client of ['https://tool.example.com/client.json', await register('A tool')])
      expect(Object.keys(await departureOf(client))).toEqual(['departure']);
  });

  it('keeps what borrows the name of a tool apart from it in the list of connections', async () => {
    const { browser } = createPerson(server.origin);
    for (const redirect_uri of ['https://claude.ai/cb', 'https://evil.example/cb']) {
      const party = await registerClient(server.issuer, { client_name: 'Claude', redirect_uris: [redirect_uri] });
      const { redeem } = await approve(party, createPerson(server.origin, { email: 'solo@example.com' }));
      expect((await redeem()).status).toBe(200);
    }
    const signIn = await browser.open(`${server.origin}/mcp/oauth/account`);
    const { html } = await browser.submit(signIn, '/sign-in', credentialsOf('solo'));

    expect(html.match(/<h2>.*?<\/h2>/gs)?.filter((each) => textOf(each).includes('Claude'))).toHaveLength(2);
    expect(textOf(html).match(/a well-known tool called Claude/g)).toHaveLength(1);
  });
});

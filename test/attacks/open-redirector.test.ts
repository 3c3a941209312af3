import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Watched, watchStore } from '../support/attacked.ts';
import { createPlainBrowser, type Rest } from '../support/browser-without-a-screen.ts';
import { createPerson } from '../support/person.ts';
import { changedPolicy } from '../support/policy.ts';
import { type RelyingParty, registerClient, relyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** RFC 9700 §4.11: whoever registers a client chooses where we send people, and they trust the link because it is ours. */
const phishing = 'https://phishing.example/cb';
const configured = { client_id: 'partner', client_name: 'Partner', redirect_uris: ['https://partner.example/cb'] };

let store: Watched;
let server: TestServer;
let policy: ReturnType<typeof changedPolicy>;
let attacker: RelyingParty;
beforeAll(async () => {
  policy = changedPolicy({ clients: [configured] });
  store = await watchStore();
  server = await startServer({ env: { ...store.env, ...policy.env } });
  attacker = await registerClient(server.issuer, {
    redirect_uris: [phishing],
    post_logout_redirect_uris: ['https://phishing.example/out'],
  });
});
afterAll(async () => {
  await server.close();
  await store.close();
  policy[Symbol.dispose]();
});

const lures: Record<string, Record<string, string | undefined>> = {
  'prompt=none': { prompt: 'none' },
  'a code challenge in the clear': { code_challenge_method: 'plain' },
  'a response type that is not supported': { response_type: 'token' },
  'no PKCE': { code_challenge: undefined, code_challenge_method: undefined },
  'a response mode that is not supported': { response_mode: 'form_post' },
  'an error in the fragment': { prompt: 'none', response_mode: 'fragment' },
  'a resource that is not ours': { resource: 'https://elsewhere.example/mcp' },
  'a request object': { request: 'e30.e30.' },
  'two prompts that exclude each other': { prompt: 'none login' },
};
const opens = (client: RelyingParty, request: Record<string, string | undefined>) =>
  createPlainBrowser(server.origin).open(client.authorizationRequest(request).url.href);
const stays = ({ url }: Rest) => url.origin === server.origin;

describe.each(Object.entries(lures))('a link with %s', (_name, request) => {
  it('does not send whoever follows it to a stranger but names the host', async () => {
    const rest = await store.changesNothing(() => opens(attacker, request));

    expect([stays(rest), rest.status]).toEqual([true, 400]);
    expect(rest.html).toContain('phishing.example');
    expect(rest.html).not.toContain('http-equiv="refresh"');
    expect(rest.headers.get('location')).toBeNull();
  });

  it('is answered where a program on this computer waits (RFC 6749 §4.1.2.1)', async () => {
    const tool = await registerClient(server.issuer);
    const { url, state } = tool.authorizationRequest(request);
    const rest = await createPlainBrowser(server.origin).open(url.href);

    expect(stays(rest)).toBe(false);
    const answer = new URLSearchParams(rest.url.search || rest.url.hash.slice(1));
    expect([answer.get('state'), answer.has('error')]).toEqual([state, true]);
  });

  it('is answered at the client of the operator', async () => {
    const partner = relyingParty(server.issuer, configured);
    const rest = await opens(partner, request);

    expect(rest.url.host).toBe('partner.example');
  });
});

describe('an app that owns a scheme', () => {
  it('is not opened by a link alone', async () => {
    const app = await registerClient(server.issuer, { redirect_uris: ['cursor://anysphere/cb'] });
    const rest = await store.changesNothing(() => opens(app, { prompt: 'none' }));

    expect([stays(rest), rest.html.includes('cursor://anysphere')]).toEqual([true, true]);
  });
});

describe('signing out', () => {
  const signOut = (client: string, uri: string) =>
    `${server.issuer}/oauth/sign-out?${new URLSearchParams({ client_id: client, post_logout_redirect_uri: uri, state: 'x' })}`;

  it('does not send whoever is not signed in to a stranger', async () => {
    const rest = await createPlainBrowser(server.origin).open(
      signOut(attacker.clientId, 'https://phishing.example/out'),
    );

    expect([stays(rest), rest.status]).toEqual([true, 200]);
    expect(rest.html).toContain('href="https://phishing.example/out?state=x"');
    expect(rest.html).not.toContain('http-equiv="refresh"');
  });

  it('does not do so after the sign-out either', async () => {
    const person = createPerson(server.origin);
    await person.approves((await registerClient(server.issuer)).authorizationRequest().url);
    const asking = await person.browser.open(signOut(attacker.clientId, 'https://phishing.example/out'));
    const rest = await person.browser.submit(asking, '/confirm');

    expect([stays(rest), rest.html.includes('You are signed out')]).toEqual([true, true]);
    expect(rest.html).not.toContain('http-equiv="refresh"');
  });

  it('leads to the program on this computer that asked for it', async () => {
    const tool = await registerClient(server.issuer, { post_logout_redirect_uris: ['http://127.0.0.1:8765/out'] });
    const rest = await createPlainBrowser(server.origin).open(signOut(tool.clientId, 'http://127.0.0.1:8765/out'));

    expect(rest.url.href).toBe('http://127.0.0.1:8765/out?state=x');
  });

  it('says that nobody is signed in where nobody is', async () => {
    const rest = await createPlainBrowser(server.origin).open(`${server.issuer}/oauth/sign-out`);

    expect([rest.status, rest.html.includes('You are signed out')]).toEqual([200, true]);
  });
});

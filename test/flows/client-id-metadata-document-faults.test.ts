import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type DocumentClient, documentClient } from '../clients/document-client.ts';
import { type DocumentWeb, publicAddress, startWeb } from '../clients/document-web.ts';
import { createTestClock, days, minutes } from '../support/clock.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

const url = 'https://tool.example.com/client.json';
const redirectUri = 'http://127.0.0.1:8765/callback';
const tool = { client_id: url, client_name: 'Tool', redirect_uris: [redirectUri] };

const { clock, pass } = createTestClock();
let web: DocumentWeb;
let server: TestServer;
let client: DocumentClient;
let refreshToken: string;

beforeAll(async () => {
  web = await startWeb();
  server = await startServer({ parts: { network: web.network, clock } });
});
afterAll(async () => {
  await server.close();
  await web.close();
});
beforeEach(async () => {
  web.serveJson(url, tool);
  client = documentClient(server.issuer, url, redirectUri);
  const { url: request, verifier } = client.authorizationRequest();
  const callback = await createPerson(server.origin).approves(request);
  refreshToken = (await client.exchange(callback, verifier)).body.refresh_token ?? '';
});
afterEach(() => {
  web.resolves('tool.example.com', [publicAddress]);
  // What was fetched and approved is of no other test.
  pass(days(100));
});

async function renew() {
  const answer = await client.refresh(refreshToken);
  refreshToken = answer.body.refresh_token ?? refreshToken;
  return { status: answer.status, error: answer.body.error };
}

const json = { 'Content-Type': 'application/json' };
const renewed = { status: 200, error: undefined };
const unknown = { status: 401, error: 'invalid_client' };
const later = { status: 503, error: 'temporarily_unavailable' };

/** What goes wrong with hosts, and is usually over before anybody noticed. */
const passing: [string, () => void][] = [
  ['is not there (404)', () => web.serve(url, { status: 404 })],
  ['is gone (410)', () => web.serve(url, { status: 410 })],
  ['is a page', () => web.serve(url, { headers: { 'Content-Type': 'text/html' }, body: '<p>Maintenance' })],
  [
    'is elsewhere (302)',
    () => web.serve(url, { status: 302, headers: { Location: 'https://tool.example.com/login' } }),
  ],
  ['is cut off', () => web.serve(url, { headers: json, body: '{"client_id":"https://tool' })],
  ['is another piece of JSON', () => web.serve(url, { headers: json, body: '{"error":"too many requests"}' })],
  ['is endless', () => web.serve(url, { headers: json, body: 'x'.repeat(70_000) })],
  ['is on a host inside of a network', () => web.resolves('tool.example.com', ['10.1.2.3'])],
  ['is on a host that has no address', () => web.resolves('tool.example.com', [])],
];

describe('a connected client whose document', () => {
  it.each(passing)('%s for a moment renews with the one it had (R76, R77)', async (_name, goWrong) => {
    goWrong();
    pass(minutes(5));

    expect(await renew()).toEqual(renewed);
  });

  it('has one error after the other stays connected all the time (R76, R77)', async () => {
    const answers = [];
    for (const [, goWrong] of [...passing, ...passing.toReversed()]) {
      web.serve(url, { status: 503 });
      web.resolves('tool.example.com', [publicAddress]);
      goWrong();
      pass(minutes(7));
      answers.push(await renew());
    }

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it.each([
    ['speaks for another', { ...tool, client_id: 'https://tool.example.com/another.json' }],
    ['speaks for one that differs by a slash', { ...tool, client_id: `${url}/` }],
    ['has no name', { ...tool, client_name: ' ' }],
    ['asks for a secret', { ...tool, token_endpoint_auth_method: 'client_secret_post' }],
    ['has nowhere to go', { ...tool, redirect_uris: ['javascript:alert(1)'] }],
  ])('%s is unknown as soon as that can be read (R77)', async (_name, document) => {
    web.serveJson(url, document);
    pass(minutes(5));

    expect(await renew()).toEqual(unknown);
  });

  it.each([404, 410])('is still gone (%d) an hour later is unknown (R77)', async (status) => {
    web.serve(url, { status });
    pass(minutes(5));
    expect(await renew()).toEqual(renewed);
    pass(minutes(60) - 1);
    expect(await renew()).toEqual(renewed);
    // The copy that stood in is used for a minute.
    pass(minutes(1));
    expect(await renew()).toEqual(unknown);

    web.serveJson(url, tool);
    pass(minutes(1));
    expect(await renew()).toEqual(renewed);
  });

  it('was gone, was something else, and is gone again, was not gone for an hour (R77)', async () => {
    for (const status of [404, 503, 404, 302, 410]) {
      web.serve(url, { status });
      pass(minutes(45));
      expect(await renew()).toEqual(renewed);
    }
  });

  it('cannot be read for thirty days is told to come back, not that it is unknown (R77)', async () => {
    web.serve(url, { status: 302 });
    for (let day = 1; day < 30; day += 1) {
      pass(days(1));
      expect(await renew()).toEqual(renewed);
    }
    pass(days(1));
    expect(await renew()).toEqual(later);
    web.serve(url, { status: 404 });
    pass(minutes(1));
    expect(await renew()).toEqual(later);

    web.serveJson(url, tool);
    pass(minutes(1));
    expect(await renew()).toEqual(renewed);
  });
});

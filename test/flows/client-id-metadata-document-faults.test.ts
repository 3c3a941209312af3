import { beforeEach, describe, expect, it } from '@jest/globals';
import { publicAddress } from '../clients/document-web.ts';
import { days, minutes } from '../support/clock.ts';
import { comeBack, sharedDocumentWeb, tool, unknown } from './document-clients.ts';

const { web, pass, connects } = sharedDocumentWeb();
const url = tool.client_id;

/** What the tool is answered that renews with what it has got last. */
let renew: () => Promise<{ status: number; body: { error?: string; refresh_token?: string } }>;
beforeEach(async () => {
  const { client, refreshToken } = await connects();
  let held = refreshToken;
  renew = async () => {
    const answer = await client.refresh(held);
    held = answer.body.refresh_token ?? held;
    return answer;
  };
});

const json = { 'Content-Type': 'application/json' };
const renewed = { status: 200, body: { refresh_token: expect.any(String) } };

/** What goes wrong with hosts, and is usually over before anybody noticed. */
const passing: [string, () => void][] = [
  ['is not there (404)', () => web.serve(url, { status: 404 })],
  ['is gone (410)', () => web.serve(url, { status: 410 })],
  ['is a page', () => web.serve(url, { headers: { 'Content-Type': 'text/html' }, body: '<p>Maintenance' })],
  ['is elsewhere (302)', () => web.serve(url, { status: 302, headers: { Location: new URL('/login', url).href } })],
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

    expect(await renew()).toMatchObject(renewed);
  });

  it('has one error after the other stays connected all the time (R76, R77)', async () => {
    for (const [, goWrong] of [...passing, ...passing.toReversed()]) {
      web.serve(url, { status: 503 });
      web.resolves('tool.example.com', [publicAddress]);
      goWrong();
      pass(minutes(7));
      expect(await renew()).toMatchObject(renewed);
    }
  });

  it.each([
    ['speaks for another', { client_id: 'https://tool.example.com/another.json' }],
    ['speaks for one that differs by a slash', { client_id: `${url}/` }],
    ['has no name', { client_name: ' ' }],
    ['asks for a secret', { token_endpoint_auth_method: 'client_secret_post' }],
    ['has nowhere to go', { redirect_uris: ['javascript:alert(1)'] }],
  ])('%s is unknown as soon as that can be read (R77)', async (_name, members) => {
    web.serveJson(url, { ...tool, ...members });
    pass(minutes(5));

    expect(await renew()).toMatchObject(unknown);
  });

  it.each([404, 410])('is still gone (%d) an hour later is unknown (R77)', async (status) => {
    web.serve(url, { status });
    pass(minutes(5));
    expect(await renew()).toMatchObject(renewed);
    pass(minutes(60) - 1);
    expect(await renew()).toMatchObject(renewed);
    // The copy that stood in is used for a minute.
    pass(minutes(1));
    expect(await renew()).toMatchObject(unknown);

    web.serveJson(url, tool);
    pass(minutes(1));
    expect(await renew()).toMatchObject(renewed);
  });

  it('was gone, was something else, and is gone again, was not gone for an hour (R77)', async () => {
    for (const status of [404, 503, 404, 302, 410]) {
      web.serve(url, { status });
      pass(minutes(45));
      expect(await renew()).toMatchObject(renewed);
    }
  });

  it('cannot be read for thirty days is told to come back, not that it is unknown (R77)', async () => {
    web.serve(url, { status: 302 });
    for (let day = 1; day < 30; day += 1) {
      pass(days(1));
      expect(await renew()).toMatchObject(renewed);
    }
    pass(days(1));
    expect(await renew()).toMatchObject(comeBack);
    web.serve(url, { status: 404 });
    pass(minutes(1));
    expect(await renew()).toMatchObject(comeBack);

    web.serveJson(url, tool);
    pass(minutes(1));
    expect(await renew()).toMatchObject(renewed);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { documentClient } from '../clients/document-client.ts';
import { startWeb } from '../clients/document-web.ts';
import { days } from '../support/clock.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { recordsOf, type TestStore, type TestStoreKind, testStores } from '../support/test-store.ts';

const redirectUri = 'http://127.0.0.1:8765/callback';
const hour = 60 * 60;

const web = shared(startWeb);

describe.each(Object.keys(testStores) as TestStoreKind[])('a document kept in %s', (kind) => {
  let kept: TestStore;
  let server: TestServer;
  let url: string;
  let count = 0;
  beforeAll(async () => {
    kept = await testStores[kind]();
    server = await startServer({ env: kept.env, parts: { network: web.network } });
  });
  afterAll(async () => {
    await server.close();
    await kept.close();
  });
  beforeEach(() => {
    count += 1;
    url = `https://tool.example.com/${count}.json`;
  });

  const request = () => documentClient(server.issuer, url, redirectUri).authorizationRequest().url;
  const serve = (members: object, maxAge: number) =>
    web.serveJson(
      url,
      { client_id: url, client_name: 'Tool', redirect_uris: [redirectUri], ...members },
      { 'Cache-Control': `max-age=${maxAge}` },
    );

  /** Runs one action; answers what it left behind of this client: bytes, and for how long. */
  async function leaves(action: () => Promise<unknown>) {
    const before = new Set((await recordsOf(kept, 'client-document')).map(({ key }) => key));
    await action();
    const [record] = (await recordsOf(kept, 'client-document')).filter(({ key }) => !before.has(key));
    return { bytes: record?.value.length ?? 0, seconds: Math.ceil(record?.secondsLeft ?? Number.NaN) };
  }

  it.each([
    ['five minutes', 0, 300],
    ['as long as its host says', 2 * hour, 2 * hour],
    ['a day', days(30), days(1)],
  ])('that nobody approved is gone after %s (R76, R86)', async (_name, maxAge, seconds) => {
    serve({}, maxAge);

    expect((await leaves(() => createPerson(server.origin).browser.open(request().href))).seconds).toBe(seconds);
  });

  it('that somebody approved stays for thirty days (R76)', async () => {
    serve({}, hour);

    expect((await leaves(() => createPerson(server.origin).approves(request()))).seconds).toBe(days(30));
  });

  it('that somebody declined is gone when it is no longer fresh (R86)', async () => {
    serve({}, hour);
    const declining = () => createPerson(server.origin).approves(request(), { declines: true });

    expect((await leaves(declining)).seconds).toBe(hour);
  });

  it.each([
    ['more redirect URIs than a registration may', { redirect_uris: manyUris(30) }],
    ['a redirect URI longer than a registration may', { redirect_uris: [`${redirectUri}/${'a'.repeat(2000)}`] }],
    ['more to say than a registration may', { redirect_uris: manyUris(20, 'a'.repeat(1000)) }],
  ])('that has %s is refused, and nothing is kept (R19, R27, draft-02 §5.2)', async (_name, members) => {
    serve(members, days(1));

    const { bytes, seconds } = await leaves(async () => {
      expect((await createPerson(server.origin).browser.open(request().href)).status).toBe(400);
    });

    expect({ bytes, seconds }).toEqual({ bytes: 0, seconds: Number.NaN });
  });
});

function manyUris(count: number, path = '') {
  return Array.from({ length: count }, (_, index) => `${redirectUri}/${index}${path}`);
}

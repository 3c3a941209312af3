import { describe, expect, it } from '@jest/globals';
import { startWeb } from '../clients/document-web.ts';
import { days } from '../support/clock.ts';
import { createPerson } from '../support/person.ts';
import { redirectUri, relyingParty } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { recordsOf, type TestStoreKind, testStores } from '../support/test-store.ts';

const hour = 60 * 60;

const web = shared(startWeb);

describe.each(Object.keys(testStores) as TestStoreKind[])('a document kept in %s', (kind) => {
  const kept = shared(() => testStores[kind]());
  const server = shared(() => startServer({ env: kept.env, parts: { network: web.network } }));
  let count = 0;

  /** One more document, which its host lets be kept for so long; what the client asks for that it describes. */
  function serve(members: object, maxAge: number) {
    count += 1;
    const url = `https://tool.example.com/${count}.json`;
    const document = { client_id: url, client_name: 'Tool', redirect_uris: [redirectUri] };
    web.serveJson(url, { ...document, ...members }, { 'Cache-Control': `max-age=${maxAge}` });
    return relyingParty(server.issuer, document).authorizationRequest({ scope: 'project:read' }).url;
  }

  /** Runs one action; answers what it left behind of this client: bytes, and for how long, as much as a minute ago. */
  async function leaves(action: () => Promise<unknown>) {
    const before = new Set((await recordsOf(kept, 'client-document')).map(({ key }) => key));
    await action();
    const [record] = (await recordsOf(kept, 'client-document')).filter(({ key }) => !before.has(key));
    return { bytes: record?.value.length ?? 0, seconds: Math.ceil((record?.secondsLeft ?? Number.NaN) / 60) * 60 };
  }
  const person = () => createPerson(server.origin);

  it.each([
    ['five minutes', 0, 300],
    ['as long as its host says', 2 * hour, 2 * hour],
    ['a day', days(30), days(1)],
  ])('that nobody approved is gone after %s (R76, R86)', async (_name, maxAge, seconds) => {
    const request = serve({}, maxAge);

    expect((await leaves(() => person().browser.open(request.href))).seconds).toBe(seconds);
  });

  it('that somebody approved stays for thirty days (R76)', async () => {
    const request = serve({}, hour);

    expect((await leaves(() => person().approves(request))).seconds).toBe(days(30));
  });

  it('that somebody declined is gone when it is no longer fresh (R86)', async () => {
    const request = serve({}, hour);

    expect((await leaves(() => person().approves(request, { declines: true }))).seconds).toBe(hour);
  });

  it.each([
    ['more redirect URIs than a registration may', { redirect_uris: manyUris(30) }],
    ['a redirect URI longer than a registration may', { redirect_uris: [`${redirectUri}/${'a'.repeat(2000)}`] }],
    ['more to say than a registration may', { redirect_uris: manyUris(20, 'a'.repeat(1000)) }],
  ])('that has %s is refused, and nothing is kept (R19, R27, draft-02 §5.2)', async (_name, members) => {
    const request = serve(members, days(1));

    const left = await leaves(async () => expect((await person().browser.open(request.href)).status).toBe(400));

    expect(left).toEqual({ bytes: 0, seconds: Number.NaN });
  });
});

function manyUris(count: number, path = '') {
  return Array.from({ length: count }, (_, index) => `${redirectUri}/${index}${path}`);
}

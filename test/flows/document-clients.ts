import { afterEach, beforeEach } from '@jest/globals';
import { publicAddress, startWeb } from '../clients/document-web.ts';
import { approve } from '../support/approval.ts';
import { createTestClock, days } from '../support/clock.ts';
import { connectClient } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { relyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer, type TestServerOptions } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const redirectUri = 'http://127.0.0.1:8765/callback';
export const tool = {
  client_id: 'https://tool.example.com/client.json',
  client_name: 'A tool of the web',
  redirect_uris: [redirectUri],
};
export type Document = Pick<typeof tool, 'client_id' | 'redirect_uris'>;
type Place = Pick<TestServer, 'issuer' | 'origin'>;

export const unknown = { status: 401, body: { error: 'invalid_client' } };
export const comeBack = { status: 503, body: { error: 'temporarily_unavailable' } };

/** A server to which the web of the tests is the whole web, and clients that are described there: `tool`, unless told. */
export function sharedDocumentWeb(documents: readonly Document[] = [tool]) {
  const { clock, pass } = createTestClock();
  const web = shared(startWeb);
  const startOther = (options: TestServerOptions = {}) =>
    startServer({ ...options, parts: { network: web.network, ...options.parts } });
  const server = shared(() => startOther({ parts: { clock } }));
  beforeEach(() => {
    for (const document of documents) web.serveJson(document.client_id, document);
    web.requests.length = 0;
  });
  afterEach(() => {
    for (const { client_id: url } of [tool, ...documents]) web.resolves(new URL(url).host, [publicAddress]);
    // What was fetched and approved is of no other test.
    pass(days(100));
  });

  const [usual = tool] = documents;
  const scope = 'project:read';
  const clientOf = (document: Document = usual, at: Place = server) => relyingParty(at.issuer, document);
  return {
    web,
    server,
    pass,
    startOther,
    clientOf,
    /** Opens what the client asks for in a browser of its own. */
    opens: (document: Document = usual, at: Place = server) =>
      createPerson(at.origin).browser.open(clientOf(document, at).authorizationRequest({ scope }).url.href),
    async approves(document?: Document) {
      const client = clientOf(document);
      return { client, ...(await approve(client, createPerson(server.origin), { scope })) };
    },
    connects: (document?: Document) => connectClient(clientOf(document), createPerson(server.origin), { scope }),
  };
}

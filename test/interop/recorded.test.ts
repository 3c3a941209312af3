import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { documentClient } from '../clients/document-client.ts';
import { startWeb } from '../clients/document-web.ts';
import { createPerson } from '../support/person.ts';
import { registerClient, type TokenAnswer } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { type Revision, recordedClients, revisions } from './clients.ts';
import { documents } from './documents.ts';

type Body = Record<string, unknown> & { redirect_uris: string[] };

const read = (name: string) => JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'));
const { real, synthetic }: Record<'real' | 'synthetic', Record<string, Body>> = read('registrations');

const used = Object.assign({}, ...recordedClients.flatMap(({ recorded, reported }) => [recorded, reported]));
const bodies = Object.entries({ ...real, ...synthetic }).map(
  ([name, body]) => [name, used[name] ?? body.redirect_uris[0], body] as const,
);

/** What a client of each revision adds to its authorization request; RFC 8707 came with the second. */
const requests: Record<Revision, (resource: string) => Record<string, string | undefined>> = {
  '2025-03-26': () => ({ scope: undefined }),
  '2025-06-18': (resource) => ({ resource, scope: 'organization:read project:read' }),
  '2025-11-25': (resource) => ({ resource, scope: 'organization:read project:read offline_access' }),
  '2026-07-28': (resource) => ({ resource, scope: 'project:read offline_access', prompt: 'consent' }),
};

/** A client whose words are known, once it has an id. */
interface Party {
  authorizationRequest(): { url: URL; verifier: string };
  exchange(callback: URL, verifier: string, parameters: Record<string, string>): Promise<TokenAnswer>;
  refresh(refreshToken: string, parameters: Record<string, string>): Promise<TokenAnswer>;
}

const web = shared(startWeb);
const server = shared(() => startServer({ parts: { network: web.network } }));

/** From authorization to renewal, in the words of one revision. */
async function play(party: Party, revision: Revision, client_id: string, redirect_uri: string): Promise<void> {
  const added = requests[revision](server.issuer);
  const resource: Record<string, string> = added.resource ? { resource: added.resource } : {};
  const { url, verifier } = party.authorizationRequest();
  setParameters(url, { redirect_uri, ...added });

  const callback = await createPerson(server.origin).approves(url);
  const first = await party.exchange(callback, verifier, { redirect_uri, ...resource });
  const second = await party.refresh(String(first.body.refresh_token), resource);

  expect(callback.href.startsWith(redirect_uri)).toBe(true);
  expect(callback.searchParams.get('iss')).toBe(server.issuer);
  expect([first.status, second.status]).toEqual([200, 200]);
  expect(second.body.refresh_token).not.toBe(first.body.refresh_token);
  for (const { body } of [first, second]) {
    const claims = { client_id, aud: server.issuer, org_slug: 'acme' };
    expect(decodeJwt(String(body.access_token))).toMatchObject(claims);
  }
}

function setParameters({ searchParams }: URL, parameters: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) searchParams.delete(name);
    else searchParams.set(name, value);
  }
}

describe.each(revisions)('in the words of %s, the registration of', (revision) => {
  it.each(bodies)('%s leads to tokens that renew, by %s (R15, R17, R37)', async (_name, uri, body) => {
    // A name that is left out is left out.
    const party = await registerClient(server.issuer, { client_name: undefined, ...body });

    await play(party, revision, party.clientId, uri);
  });
});

describe.each(revisions)('in the words of %s, the document of', (revision) => {
  it.each(Object.entries(documents))(
    '%s leads to tokens that renew (R75)',
    async (_name, { url, document, used_redirect }) => {
      web.serveJson(url, document);

      await play(documentClient(server.issuer, url, used_redirect), revision, url, used_redirect);
    },
  );
});

describe('the table of clients', () => {
  const namesOf = (kind: 'recorded' | 'reported') =>
    recordedClients.flatMap((client) => Object.keys(client[kind] ?? {}));

  it('calls recorded what is recorded, and reported what is not', () => {
    expect(namesOf('recorded').filter((name) => !(name in real))).toEqual([]);
    expect(namesOf('reported').filter((name) => !(name in synthetic))).toEqual([]);
  });

  it('has every client whose document is known, and no other', () => {
    const named = recordedClients.flatMap(({ document }) => document ?? []);

    expect(named.sort()).toEqual(Object.keys(documents).sort());
  });
});

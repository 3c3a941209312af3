import { createDocumentCache, type DocumentCache } from '../../src/clients/document-cache.ts';
import { metadata } from '../../src/clients/document-content.ts';
import type { Clock } from '../../src/clock.ts';
import { openStore } from '../../src/storage/index.ts';
import { days } from '../support/clock.ts';
import type { DocumentWeb } from './document-web.ts';

export const url = 'https://tool.example.com/client.json';

export const names = {
  clientDocument: (kind: string, of: string) => `client-document:${kind} ${of}`,
  documentApproval: (clientId: string) => `document-approval:${clientId}`,
  registrationUse: (clientId: string) => `registration-use:${clientId}`,
};

/** Several processes over one store, and what their log said. */
export function openNodes(web: DocumentWeb, clock: Clock) {
  const store = openStore({ kind: 'sqlite', file: ':memory:' }, () => {}, clock);
  const lines: { event: string }[] = [];
  const events = { emit: (event: { event: string }) => void lines.push(event) };
  const createNode = (): DocumentCache => createDocumentCache({ store, names, network: web.network, events, clock });
  const node = createNode();
  return {
    store,
    node,
    createNode,
    load: async (from = node, of = url) => (await from.load({ url: of, kind: metadata, clientId: of })).client_name,
    approve: () => store.write(names.documentApproval(url), '{}', days(61)),
    kept: () => store.read(names.clientDocument('metadata', url)),
    forget: () => store.remove([names.clientDocument('metadata', url)]),
    said: (event: string) => lines.filter((line) => line.event === event),
    serveNamed: (name: string, headers?: Record<string, string>, of = url) =>
      web.serveJson(of, { client_id: of, client_name: name, redirect_uris: ['http://127.0.0.1/callback'] }, headers),
  };
}

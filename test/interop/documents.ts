import { readFileSync } from 'node:fs';

export type Body = Record<string, unknown> & {
  readonly client_name: string;
  readonly redirect_uris: readonly string[];
};

export interface RecordedDocument {
  readonly url: string;
  readonly document: Body;
  readonly used_redirect: string;
}

interface Pinned extends Body {
  readonly client_id: string;
  readonly looked_at: string;
}

const read = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
const pinned: readonly Pinned[] = read('config/client-documents.json');
const recorded: Record<string, Omit<RecordedDocument, 'document'> & { document?: Body }> = read(
  'test/fixtures/metadata-documents.json',
).clients;

/** Documents of real clients, by the names of the fixture; what is pinned is played as it is pinned. */
export const documents: Readonly<Record<string, RecordedDocument>> = Object.fromEntries(
  Object.entries(recorded).map(([name, { document, ...rest }]) => [
    name,
    { ...rest, document: document ?? publishedAt(rest.url) },
  ]),
);

function publishedAt(url: string): Body {
  const found = pinned.find(({ client_id }) => client_id === url);
  if (!found) throw new Error(`${url} is neither in the fixture nor pinned`);
  const { looked_at: _day, ...document } = found;
  return document;
}

/** The day of each pinned document, by its URL: the only place that has it. */
export const pinnedDays: ReadonlyMap<string, string> = new Map(
  pinned.map(({ client_id, looked_at }) => [client_id, looked_at]),
);

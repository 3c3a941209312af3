import { type RecordedClient, type Revision, realRows, recordedClients, registrations, revisions } from './clients.ts';
import { documents, pinnedDays } from './documents.ts';

const none = '–';
const connects = '✓';
/** Its MCP server says nothing of the issuer, so the issuer must be its origin. */
const connectsAtOrigin = '✓ ¹';
const played = 'played';

/** The README's table of clients: how each comes by its client id, and with which revisions it was tried. */
export function compatibilityTable(): string {
  const header = ['client', 'registers itself', 'has a document', 'is configured', ...revisions, 'looked at'];
  const rows = [header, header.map(() => '---'), ...realLines(), ...recordedClients.map(recordedLine)];
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function realLines(): string[][] {
  return [...Map.groupBy(realRows, ({ client }) => client)].map(([client, rows]) => [
    client,
    ...registrations.map((kind) => (rows.some(({ registration }) => registration === kind) ? 'runs for real' : none)),
    ...revisions.map((each) => (rows.some(({ revision }) => revision === each) ? markOf(each) : none)),
    'with each test',
  ]);
}

function markOf(revision: Revision): string {
  return revision === '2025-03-26' ? connectsAtOrigin : connects;
}

function recordedLine(row: RecordedClient): string[] {
  const registers = row.recorded ? 'recorded' : row.reported ? 'as reported' : none;
  return [row.client, registers, documentCell(row), none, ...revisions.map(() => played), lookedAt(row)];
}

function documentCell({ document, documentFrom }: RecordedClient): string {
  if (!document) return none;
  return documentFrom ? `from ${documentFrom}` : 'as published';
}

/** The day of its pinned document, the oldest of several; its own where none is pinned. */
export function lookedAt({ client, document, lookedAt: own }: RecordedClient): string {
  const [day = own] = documentUrls(document)
    .flatMap((url) => pinnedDays.get(url) ?? [])
    .sort();
  if (day === undefined) throw new Error(`nobody says when ${client} was looked at`);
  return day;
}

export function documentUrls(names: RecordedClient['document'] = []): string[] {
  return [names].flat().flatMap((name) => documents[name]?.url ?? []);
}

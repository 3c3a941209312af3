import type { IncomingMessage } from 'node:http';
import type { Operation } from '@bkend/mcp-gateway/vocabulary';

/** The first revision whose servers compare these headers with the body and refuse those that differ (SEP-2243). */
const firstNamingRevision = '2026-07-28';

/**
 * Reads `Mcp-Method` and `Mcp-Name`, but only of requests at a revision that makes servers check them: with an older
 * `MCP-Protocol-Version`, or none, the official server never looks, and a client could say one thing and do another. No
 * `method` then.
 */
export function readOperation({ headersDistinct: headers }: Pick<IncomingMessage, 'headersDistinct'>): Operation {
  const revision = single(headers['mcp-protocol-version']);
  const method = single(headers['mcp-method']);
  if (!method || !revision || !isNaming(revision)) return {};
  const name = decodeName(single(headers['mcp-name']));
  return { method, ...(name !== undefined && { name }) };
}

/** Revisions are dates: their spelling orders them. */
function isNaming(revision: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(revision) && revision >= firstNamingRevision;
}

/** A header that comes twice says nothing: who reads the other one would do the other thing. */
function single(values: readonly string[] = []): string | undefined {
  return values.length === 1 ? values[0]?.replace(/^[\t ]+|[\t ]+$/g, '') : undefined;
}

/**
 * Names that are no plain ASCII travel as `=?base64?…?=`. Decoded as the official server does, down to the byte order mark
 * that it drops: a name that we read otherwise would be looked up in the table as another tool.
 */
function decodeName(value: string | undefined): string | undefined {
  const [, encoded] = /^=\?base64\?(.*)\?=$/.exec(value ?? '') ?? [];
  if (encoded === undefined) return value;
  const bytes = Buffer.from(encoded, 'base64');
  // Node's decoder takes what is not base64, too.
  if (bytes.toString('base64') !== encoded) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

import type { Identity } from '@bkend/mcp-gateway';

/**
 * Who asks, for the server behind the proxy. All of them with every request, or one that a client sent could survive
 * where a proxy only replaces.
 */
export function presentIdentity(identity: Identity): Record<string, string> {
  return {
    'X-Account-Id': headerValue(identity.accountId),
    'X-Organization-Id': headerValue(identity.organizationId),
    'X-Organization-Slug': headerValue(identity.organizationSlug),
    'X-Organization-Role': headerValue(identity.organizationRole),
    'X-Scopes': identity.scopes.map(headerValue).join(' '),
    'X-Connection-Id': headerValue(identity.connectionId),
  };
}

/** Nobody is known. All of them again, empty: where a proxy only replaces, what a client sent would survive. */
export const nobody: Record<string, string> = {
  'X-Account-Id': '',
  'X-Organization-Id': '',
  'X-Organization-Slug': '',
  'X-Organization-Role': '',
  'X-Scopes': '',
  'X-Connection-Id': '',
};

/**
 * A directory may choose any text for an id: what could end the header, part it in two (a comma) or is no ASCII is
 * percent-encoded. `decodeURIComponent` gives the text back.
 */
export function headerValue(text: string): string {
  return text.toWellFormed().replace(/[^\x21-\x24\x26-\x2B\x2D-\x7E]/gu, percentEncode);
}

/** By byte: `encodeURIComponent` leaves nothing out that is matched here but what RFC 3986 §2.3 allows. */
function percentEncode(character: string): string {
  const bytes = [...Buffer.from(character, 'utf8')];
  return bytes.map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

import { findCanonicalResource } from '@bkend/mcp-gateway/vocabulary';

/**
 * One spelling for a resource (R41), the gateway kit's: what is the `aud` here is compared there. Paths and queries stay
 * as they are (RFC 3986 §6.2.3). Nothing when it is no absolute URL or has a
 * fragment (RFC 8707 §2). Blanks around it were pasted along, and mean nothing.
 */
export function canonicalResource(uri: string): string | undefined {
  return findCanonicalResource(uri.trim());
}

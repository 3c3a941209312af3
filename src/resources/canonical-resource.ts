/**
 * One spelling for a resource (R41): lower-case scheme and host, no default port, no slash after a bare host.
 * Paths and queries stay as they are: `/mcp` and `/mcp/` are different resources (RFC 3986 §6.2.3).
 * Nothing when it is no absolute URI or has a fragment (RFC 8707 §2).
 */
export function canonicalResource(uri: string): string | undefined {
  const url = URL.parse(uri.trim());
  if (!url || url.href.includes('#')) return undefined;
  return url.pathname === '/' && !url.search ? url.href.slice(0, -1) : url.href;
}

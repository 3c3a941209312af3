// `new URL()` alone forgives too much: it reads `https:///mcp` as the host `mcp`, and turns backslashes into slashes.
// RFC 8707 §2: a resource has no fragment, not even an empty one.
const ABSOLUTE_HTTP_URL = /^https?:\/\/[^\s\\/?#][^\s\\#]*$/i;

/**
 * The canonical spelling of a resource, or `undefined` when the text names no resource at all. Scheme and host in lower
 * case, no default port, no slash for an empty path; path and query stay as they are.
 */
export function findCanonicalResource(spelling: string): string | undefined {
  if (!ABSOLUTE_HTTP_URL.test(spelling) || !URL.canParse(spelling)) return undefined;
  const url = new URL(spelling);
  if (url.username !== '' || url.password !== '') return undefined;
  // RFC 3986 §6.2.3: an empty path equals "/". Any other trailing slash names another resource.
  return url.href === `${url.origin}/` ? url.origin : url.href;
}

/** One more is no longer a list of headers that a script means to send. */
const maxAsked = 50;

/**
 * The names in `Access-Control-Request-Headers` (Fetch §3.3.2), in lower case. RFC 9110 §5.6.2: nothing but tokens, so that
 * what is repeated can be nothing but a name.
 */
export function findAskedHeaders(asked: string): string[] {
  const names = asked.toLowerCase().split(',', maxAsked);
  return names.map((name) => name.trim()).filter((name) => /^[\w!#$%&'*+.^`|~-]{1,100}$/.test(name));
}

import { GatewayError } from './gateway-error.ts';
import { findCanonicalResource } from './vocabulary/index.ts';

/**
 * The canonical spelling of a resource: scheme and host in lower case, no default port, no slash for an empty path.
 *
 * @example
 * canonicalResource('HTTPS://Gateway.Example:443/mcp'); // 'https://gateway.example/mcp'
 */
export function canonicalResource(spelling: string): string {
  const canonical = findCanonicalResource(spelling);
  if (canonical === undefined) {
    throw new GatewayError('OPTIONS_INVALID', `"${spelling}" is no resource: an http(s) URL without fragment is`);
  }
  return canonical;
}

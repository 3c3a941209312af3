import { isLoopbackHost, loopbackUri } from './loopback.ts';
import { isRefusedScheme } from './refused-schemes.ts';

/** RFC 7591 sets no limits; these keep one registration small. VS Code sends four (R19). */
const maxRedirectUris = 20;
export const maxUriLength = 2000;

/**
 * Why nobody may be redirected there, as the end of a sentence; nothing when they may. Registration and authorization
 * ask the same question here (R21), so what was accepted once is not refused later, nor the reverse.
 */
export function findRedirectUriError(uri: unknown): string | undefined {
  if (typeof uri !== 'string' || uri === '') return 'must be a non-empty string';
  if (uri.length > maxUriLength) return `must be at most ${maxUriLength} characters long`;
  // RFC 3986 §2: a URI is printable ASCII. Browsers drop tabs and line ends within a scheme: `java\tscript:` is script.
  if (!/^[\x21-\x7e]+$/.test(uri) || uri.includes('\\')) return 'must not contain blanks, control or other characters';
  // RFC 6749 §3.1.2: "The endpoint URI MUST NOT include a fragment component."
  if (uri.includes('#')) return 'must not contain a fragment';
  return findPlaceError(uri) ?? findSchemeError(uri);
}

function findPlaceError(uri: string) {
  const parsed = URL.parse(uri);
  if (!parsed) return 'must be an absolute URI';
  // `https://claude.ai@evil.example/` reads like the one and is the other.
  if (/^[^:]*:\/\/[^/?]*@/.test(uri) || parsed.username || parsed.password) return 'must not contain a user name';
  // Exact comparison would make them useless, but whoever sends one expects every host to match.
  if (/^[^?]*\*/.test(uri) || parsed.hostname.includes('*')) return 'must not contain a wildcard';
  // No port that anything listens on: whoever means "any" leaves it out (RFC 8252 §7.3).
  if (parsed.port === '0') return 'must not have port 0: leave the port out for any';
  return undefined;
}

function findSchemeError(uri: string) {
  const [, name = '', rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/i.exec(uri) ?? [];
  const scheme = name.toLowerCase();
  if (scheme === 'https') return /^\/\/[^/?]/.test(rest) ? undefined : 'must name a host';
  // RFC 8252 §8.3: in the clear only where nobody can listen in.
  if (scheme === 'http') return loopbackUri.test(uri) ? undefined : 'must use https, or http on a loopback address';
  if (isRefusedScheme(scheme)) return `must not use the scheme ${scheme}`;
  // RFC 8252 §7.1: `com.example.app:/path`, `cursor://host/path`. One letter is a drive of Windows.
  return scheme.length > 1 && rest.startsWith('/') ? undefined : 'must have a host or a path after the scheme';
}

/**
 * Whether a client that registered one URI may use the other. https and private-use schemes: the same string (R39).
 * http on loopback: any port (RFC 8252 §7.3), any of the three names of this computer (R38), and no path is `/` (R37):
 * the answer reaches the same computer each way.
 */
export function isSameRedirectUri(registered: string, used: string): boolean {
  if (findRedirectUriError(used)) return false;
  if (registered === used) return true;
  const [there, here] = [loopbackPlace(registered), loopbackPlace(used)];
  if (!there || !here || there.path !== here.path) return false;
  // Continue registers `/?state=…` and leaves the query out. Less than was registered reaches the same program.
  return there.query === here.query || here.query === '';
}

/** Compared as spelled: a parser would resolve `/a/../b`, and paths must be exact. */
function loopbackPlace(uri: string) {
  const { path, query } = loopbackUri.exec(uri)?.groups ?? {};
  return path === undefined ? undefined : { path: path || '/', query: query ?? '' };
}

/** `native` needs a program on the person's device (R18): http on loopback, or a scheme that the program claimed. */
export function isNativeRedirectUri(uri: string): boolean {
  return !/^https:/i.test(uri);
}

/** What oidc-provider 9.13 does not let stand beside a native redirect URI: https on the person's own device. */
export function isHttpsOnLoopback(uri: string): boolean {
  const parsed = URL.parse(uri);
  return parsed?.protocol === 'https:' && isLoopbackHost(parsed.hostname);
}

interface RedirectUriError {
  /** Which of them; absent: the list. */
  readonly index: number | undefined;
  /** What it must be, as the end of a sentence. */
  readonly sentence: string;
}

/** What is wrong with the redirect URIs of one client, registered or configured (R19, R21); nothing, and it may have them. */
export function findRedirectUriErrors(uris: readonly unknown[]): RedirectUriError[] {
  if (uris.length > maxRedirectUris) {
    return [{ index: undefined, sentence: `must hold at most ${maxRedirectUris} URIs` }];
  }
  const isNative = uris.some((uri) => typeof uri === 'string' && isNativeRedirectUri(uri));
  return uris.flatMap((uri, index) => {
    const sentence = findRedirectUriError(uri) ?? findMixture(String(uri), isNative);
    return sentence === undefined ? [] : [{ index, sentence }];
  });
}

function findMixture(uri: string, isNative: boolean) {
  return isNative && isHttpsOnLoopback(uri) ? 'must not use https on a loopback address' : undefined;
}
